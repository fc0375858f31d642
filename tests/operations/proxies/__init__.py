"""nginx and HAProxy, configured by the blocks of docs/operations.md. Start at `test_proxies`."""
