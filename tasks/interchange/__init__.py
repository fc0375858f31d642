"""Tasks as files: JSON Lines, CSV and iCalendar, a batch at a time in both directions.

`formats` names them all; start there. Commands and the admin's export import it.
"""
