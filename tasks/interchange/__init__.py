"""Tasks as files: JSON Lines, CSV and iCalendar, a batch at a time in both directions; other programs' exports, one way.

Start at `formats`, which lists them. Commands and the admin's export import this room.
"""
