"""Django's PostgreSQL backend, for a database that restarts or is out of reach now and then. Start at `base`."""
