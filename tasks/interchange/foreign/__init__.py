"""What other to-do programs export, one module a program. Each yields what it finds (`found`).

`conversion` makes records of that, as the readers of our own formats give them. `tasks.interchange.formats` lists the
programs.
"""
