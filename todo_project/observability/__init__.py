"""What operators see of the running service: log lines, and metrics for Prometheus.

A request enters at `middleware`; a reader starts there. This room may import `api` and `database`. Nothing imports it
but `urls`, which mounts its metrics; the settings name its middleware and its formatters.
"""
