"""Reads the environment and `.env`: a value that cannot be used ends the process with one sentence that names it.

`todo_project/settings.py` calls these readers, once each, and nobody else does; start at `readers`. Every room may
import `addresses`, and `authentication` reads fetched keys by `public_keys`. This room imports nothing of the project.
"""
