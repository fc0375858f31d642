from django.dispatch import Signal

# Sent with each attempt to fetch the keys of a URL, with `is_fetched`.
keys_attempted = Signal()
