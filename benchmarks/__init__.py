"""Measures the service beside its peers: `python3 run.py bench`, described in docs/benchmarks.md.

Start with `runs/comparison.py`. A run (`runs/`) starts candidates on a database (`machinery/`), sends them requests
(`load/`) and writes what it measured into a folder (`reports/`). Only `tests/operations/test_benchmarks.py` imports
this package; the package imports `testbed` and the service, never `tests`.
"""
