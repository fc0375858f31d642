"""docs/commands.md and the commands say the same."""

import re
import shlex

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from tests.support.service import ROOT

pytestmark = pytest.mark.no_database("sqlite")

DOCUMENT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"python3 run\.py manage ((?!COMMAND|migrate)[^<>&`\n]+)", DOCUMENT)
NAMES = re.findall(r"^## (\w+)$", DOCUMENT, re.MULTILINE)


def options(command):
    return {option for action in command.create_parser("manage.py", "x")._actions for option in action.option_strings}


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_is_understood(example):
    name, *arguments = shlex.split(example)
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(arguments)


@pytest.mark.parametrize("name", NAMES)
def test_options_are_documented(name):
    own = options(load_command_class(get_commands()[name], name)) - options(BaseCommand())
    assert [option for option in own if option not in DOCUMENT] == []
