"""The machinery of the tests: the service as a process, clients, faults, and the commands as their users run them.

Every test room imports it; it imports `testbed`, which the benchmarks share, and no test room.
"""
