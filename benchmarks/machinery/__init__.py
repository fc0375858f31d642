"""The parts that a measurement stands on: the candidates as processes, the tasks in their database, one HTTP client.

Start with `candidates.py`. Nothing here measures anything.
"""
