"""The tests: a folder for each subject, `support` for the machinery that they share. `python3 run.py test` runs them.

Start at `conftest`, which has the client and the guard on every statement. `testbed` is shared with the benchmarks.
"""
