"""Hostile requests, each with the answer of the contract. `gthread` has the differences of gunicorn's own worker."""
