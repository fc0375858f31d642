"""The checks of `manage.py doctor`, one module for each subject. No finding holds a secret.

The command `doctor` runs the CHECKS of each module; start there. An app adds the checks of its own tables to
`database.table_checks`. This room may import `authentication`,
`database` and `environment`.
"""
