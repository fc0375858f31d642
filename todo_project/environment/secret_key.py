import secrets
from pathlib import Path

from todo_project.environment.env_file import append_secret
from todo_project.environment.readers import refuse, text


def secret_key(name: str, env_file: Path, *, may_be_made: bool) -> str:
    """The key. Where none is set and one may be made, a random key is written to `env_file`."""
    key = text(name)
    if not key and not may_be_made:
        refuse(name, "must be set to 50 random characters where the database is PostgreSQL or HOST is not loopback")
    if not key:
        key = secrets.token_urlsafe(50)
        append_secret(env_file, name, key)
    if len(key) < 50 or len(set(key)) < 5:
        refuse(name, "must have 50 random characters or more")
    return key
