"""What is asked of every candidate, and the three programs that ask: our driver, wrk, and pgbench.

Start with `operations.py`, the requests, then `bench.py`, which takes a measurement. The driver speaks HTTP by itself,
because it has to send by the clock over many connections; all else goes through `testbed/client.py`. `statements` and
`verification` look into the service, each in a separate process.
"""
