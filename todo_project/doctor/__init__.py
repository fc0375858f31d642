"""What `manage.py doctor` looks at: one module a subject, one finding a line. No finding holds a secret.

The command `doctor` runs the CHECKS of each module; start there. An app adds the checks of its own tables to
`database.table_checks`. This room may import `database` and `environment`.
"""
