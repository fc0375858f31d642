"""From measurements to figures, tables, a chart, and the folder that a run leaves behind.

Start with `folder.py`, which lists the files of that folder. The sections of a run's report stand in the module with
the run's name. Nothing here starts a process.
"""
