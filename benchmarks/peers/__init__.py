"""The applications that the service is compared with, each written as a user of its framework would write it.

All have the service's contract and its table. `machinery/candidates.py` says how each is started.
"""
