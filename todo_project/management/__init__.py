"""Commands of manage.py that concern the service as a whole, and the base class of all commands (`command`).

An app's commands may import `command` and `arguments`. This room may import every other room but `server`.
"""
