"""A database that restarts, fails over, freezes or is out of reach, and processes that are killed.

No acknowledged write is lost. Most tests run on a PostgreSQL of their own; start at `test_outages`.
"""
