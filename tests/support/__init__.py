"""What all tests share: the service as a process, clients, faults, and the commands as their users run them.

Every test package imports it. It imports `testbed`, which the benchmarks use too, and no test package.
"""
