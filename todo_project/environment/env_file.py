"""The file `.env`: read before the environment is, and written once, where a secret is made."""

import os
import stat
import sys
from pathlib import Path

from dotenv import dotenv_values

from todo_project.environment.readers import refuse, text

LINE_END = "\n"


def path(name: str, folder: Path) -> Path:
    """The file that the variable names, relative to `folder`. By default it is `.env`, which may be missing."""
    value = text(name, ".env")
    if text(name) and not (folder / value).exists():
        refuse(name, "must be the path of a file that exists")
    return folder / value


def load(env_file: Path) -> None:
    """Adds the variables of the file that the environment does not set. A blank value counts as unset; a $ is a $."""
    try:
        for name, value in dotenv_values(env_file, interpolate=False).items():
            if "\0" in f"{name}{value}" or "=" in name:
                sys.exit(f"{env_file} cannot be read: a line of it can be no variable of the environment.")
            if value and not text(name):
                os.environ[name] = value
    except OSError as error:
        sys.exit(f"{env_file} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        sys.exit(f"{env_file} cannot be read: it is not UTF-8.")


def append_secret(env_file: Path, name: str, value: str) -> None:
    """Keeps the variable in the file, which only its owner may read from then on."""
    try:
        descriptor = os.open(env_file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "a+", encoding="utf-8") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                refuse(name, f"is not set, and a random one cannot be kept in {env_file}: it is not a regular file")
            env_file.chmod(0o600)
            file.seek(0)
            before = file.read()
            file.write(f"{'' if before[-1:] in ('', LINE_END) else LINE_END}{name}={value}{LINE_END}")
    except OSError as error:
        refuse(name, f"is not set, and a random one cannot be kept in {env_file.name}: {error.strerror}")
