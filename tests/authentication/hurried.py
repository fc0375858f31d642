"""gunicorn's settings for tests in which minutes pass: those of the service, with other waits for its keys.

The environment names the waits: HURRIED='{"REFRESH_SECONDS": 1}'.
"""

import json
import os
from pathlib import Path

from todo_project.authentication import remote

exec(compile(Path("gunicorn.conf.py").read_text(), "gunicorn.conf.py", "exec"))

for name, seconds in json.loads(os.environ["HURRIED"]).items():
    if not hasattr(remote, name):
        raise LookupError(name)
    setattr(remote, name, seconds)
