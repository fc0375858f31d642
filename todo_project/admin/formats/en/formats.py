"""How the admin writes times. Django's own formats for English override the settings, so they are replaced here."""

# Short, so that both times of a task fit into the list.
DATETIME_FORMAT = "Y-m-d H:i T"
