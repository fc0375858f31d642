"""Hours of load and faults: `python3 run.py soak`. It writes docs/reliability.md, and no test imports it."""
