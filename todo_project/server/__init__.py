"""gunicorn's worker, and everything else that touches gunicorn. Of the service only gunicorn.conf.py imports this room.

Start with worker.py (the threads and what they wait for), then acceptor.py and connections.py (who owns a connection),
connection.py (what its owner does with it), reader.py (where a request ends) and request.py (what it asks). states.py
has every deadline and limit.

It replaces gunicorn's workers and its parser, and with them its access log, its hooks pre_request and post_request, TLS
and the PROXY protocol. gunicorn's master, configuration, signals, reload, WSGI environ and response stay as they are.

It relies on these names of gunicorn's. Of the master: SIG_QUEUE, LISTENERS, stop, systemd, master_pid, reexec_pid and
START_CTX. Of the workers' base class: init_process, PIPE, notify, nr, max_requests and ppid. Besides these,
http.wsgi.create and Response, util.write_error, the hook pre_request, and in healthcheck config.Config. When the
version of gunicorn or httptools moves, tests/http/test_gunicorn.py fails: then read again what is relied on.
"""
