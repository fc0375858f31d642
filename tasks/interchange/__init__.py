"""Tasks as files: JSON Lines, CSV and iCalendar, a batch at a time in both directions."""
