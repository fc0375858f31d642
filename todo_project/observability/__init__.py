"""What the operators see of the running service: log lines, and metrics for Prometheus.

`middleware` is where a request enters and where a reader starts. It may import `api` and `database`; of the project
only the settings name this room, and `urls` mounts its metrics.
"""
