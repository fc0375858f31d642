"""Runs Django's commands: `python3 run.py manage …` from outside the environment."""

import os
import sys


def main() -> None:
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # Some supervisors close these. Python then has None here, and would give the descriptor to the next file.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 -- open until the end
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
