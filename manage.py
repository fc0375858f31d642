"""Runs Django's commands: `python3 run.py manage …` from outside the environment."""

import os
import sys


def main() -> None:
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        # Some supervisors close a stream. Python then has None for it, and the next file gets its descriptor.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 -- open until the end
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_project.settings")
    from todo_project.management.utility import Utility

    Utility(sys.argv).execute()


if __name__ == "__main__":
    main()
