"""gunicorn's worker, and all else that touches gunicorn. Only gunicorn.conf.py imports it.

Start with worker.py (who waits for which socket), acceptor.py and connections.py, then connection.py (what is done with
one), reader.py (where a request ends) and request.py (what was asked); states.py has every deadline and limit.

gunicorn's master, configuration, signals, reload, WSGI environ and response stay as they are. Replaced: its workers and
its parser, and with them its access log, its hooks pre_request and post_request, TLS and the PROXY protocol.

Relied upon: of the master SIG_QUEUE, LISTENERS, stop, systemd, master_pid, reexec_pid and START_CTX; of a worker's base
init_process, PIPE, notify, nr, max_requests and ppid; http.wsgi.create and Response; util.write_error. When the version
of gunicorn or httptools moves, tests/http/test_gunicorn.py fails: then read what is relied upon again.
"""
