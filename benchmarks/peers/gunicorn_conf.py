"""gunicorn for stock DRF and Django Ninja, with the service's own settings wherever they cost or save time."""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
# The default worker closes the connection after each answer; gthread keeps it open.
worker_class = "gthread"
threads = 2
keepalive = 75
control_socket_disable = True
loglevel = "warning"
