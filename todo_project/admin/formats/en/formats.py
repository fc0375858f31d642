"""How the admin writes times, in place of Django's own for English, which go before what stands in settings."""

# Short, so that both times of a task fit into the list.
DATETIME_FORMAT = "Y-m-d H:i"
