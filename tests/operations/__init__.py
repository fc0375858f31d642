"""What operators rely on: logs, metrics, settings, set-up, container, proxies, restarts, and the benchmark."""
