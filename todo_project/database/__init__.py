"""The way to the database and back: fixed statements, the PostgreSQL backend, and what errors and settings mean.

It knows nothing of HTTP and nothing of tasks, and imports the settings alone. A reader starts at `statements`, which
the querysets of an app are made of, and goes on to `postgresql.base`, where each statement is sent.
"""
