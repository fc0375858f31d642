"""What a client meets on the wire around the API: framing, headers, CORS, log-in, connections, stops.

Start at `test_live`. Tests marked `own_worker` hold what gunicorn's gthread does otherwise.
"""
