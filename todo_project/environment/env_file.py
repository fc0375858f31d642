"""The file `.env`: read before the environment is, and written once, where a secret is made."""

import os
import re
import stat
import sys
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from todo_project.environment.readers import UNREADABLE, refuse, text

LINE_END = "\n"
NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def path(name: str, folder: Path) -> Path:
    """The file that the variable names, relative to `folder`. By default it is `.env`, which may be missing."""
    value = text(name, ".env")
    if text(name) and not (folder / value).exists():
        refuse(name, "must be the path of a file that exists")
    return folder / value


def load(env_file: Path) -> list[str]:
    """Adds the variables of the file that the environment does not set, and gives the names in the file.

    A blank value counts as unset. Of two values the last counts, as in a shell. A $ is a $. What cannot be read ends
    the process: a key in a line that was passed over would leave the API open to all.
    """
    variables: dict[str, str] = {}
    for binding in bindings(env_file):
        line, name, value = line_of(binding), binding.key, binding.value
        if binding.error or (name is not None and (value is None or not NAME.fullmatch(name) or "\0" in value)):
            sys.exit(f"{env_file} cannot be read: line {line} is not NAME=value.")
        if name and value and value.strip():
            variables[name] = value
    for name, value in variables.items():
        if not os.environ.get(name, "").strip():
            try:
                os.environ[name] = value
            except UnicodeEncodeError:
                refuse(name, UNREADABLE)
    return list(variables)


def bindings(env_file: Path) -> list[Binding]:
    """The lines of the file, none where there is no file."""
    try:
        with open(env_file, encoding="utf-8") as stream:
            return list(parse_stream(stream))
    except FileNotFoundError:
        if not env_file.is_symlink():
            return []
        sys.exit(f"{env_file} cannot be read: it is a link to a file that is not there.")
    except OSError as error:
        sys.exit(f"{env_file} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        sys.exit(f"{env_file} cannot be read: it is not UTF-8. Save it as UTF-8.")


def line_of(binding: Binding) -> int:
    """The parser counts the blank lines above to the binding."""
    string = binding.original.string
    return binding.original.line + string[: len(string) - len(string.lstrip())].count(LINE_END)


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
