"""The real parts that tests and benchmarks both use: a PostgreSQL server, a slow network, and /proc.

`tests/` and `benchmarks/` import this package. It imports neither of them, and nothing of the service. Start with
`postgres.Cluster`.
"""
