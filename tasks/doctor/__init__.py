"""What `manage.py doctor` looks at: one module a subject, one finding a line. No finding holds a secret."""
