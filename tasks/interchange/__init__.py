"""Tasks as files: JSON Lines, CSV and iCalendar in both directions, a batch at a time; other programs' exports.

Start at `formats`, which lists them. Commands and the admin's export import this room.
"""
