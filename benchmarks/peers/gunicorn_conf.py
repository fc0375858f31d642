"""gunicorn for stock DRF and Django Ninja: as the service's own configuration in all that costs or saves time."""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
# gunicorn's default worker closes the connection after each answer: threads keep it open.
worker_class = "gthread"
threads = 2
keepalive = 75
control_socket_disable = True
loglevel = "warning"
