"""Spreads the tasks over the servers of a Citus cluster by their user, and brings them back.

Start at `steps`, which has both ways. `requirements` says what stands in the way before anything is done. Only the
command `distribute_tasks` imports this room.
"""
