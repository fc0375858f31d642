"""`run.py` on machines of several kinds: with pip, with uv, with neither, with an old Python."""
