"""Each command of manage.py, and the files that commands read and write. Start at the command's own module."""
