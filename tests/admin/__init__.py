"""The admin of tasks: lists, search, forms and actions. Start at `test_admin`."""
