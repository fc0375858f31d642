"""docs/commands.md describes each command and option, and no other."""

import re
import shlex

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from tests.support.service import ROOT
from todo_project.management.utility import Utility

pytestmark = pytest.mark.run_once("sqlite")

APPS = ("tasks", "todo_project")
COMMANDS = {name: app for name, app in get_commands().items() if app in APPS}
DOCUMENT = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
INTRODUCTION, *REST = re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)
# The text under the heading of each command.
SECTIONS = {heading: text for heading, _, text in (section.partition("\n") for section in REST)}
EXAMPLES = re.findall(r"python3 run\.py manage ((?!COMMAND|migrate)[^<>&`\n]+)", DOCUMENT)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def parser_of(name):
    return load_command_class(COMMANDS[name], name).create_parser("manage.py", name)


def options(parser):
    return {option for action in parser._actions for option in action.option_strings}


def own_options(name):
    return options(parser_of(name)) - options(BaseCommand().create_parser("manage.py", "x"))


def test_every_command_has_its_section_and_every_section_its_command():
    assert sorted(SECTIONS) == sorted(COMMANDS)
    assert len(REST) == len(SECTIONS)


def test_list_at_the_top_leads_to_every_section():
    links = re.findall(r"\[`(\w+)`\]\(#(\w+)\)", INTRODUCTION)
    assert sorted(links) == sorted((name, name) for name in COMMANDS)


def test_every_command_has_an_example():
    assert {shlex.split(example)[0] for example in EXAMPLES} == set(COMMANDS)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_is_understood(example):
    name, *arguments = shlex.split(example)
    parser_of(name).parse_args(arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_where_its_command_is(name):
    page = INTRODUCTION + SECTIONS[name]
    assert [option for option in own_options(name) if option not in page] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_section_is_one_of_its_command(name):
    assert set(OPTION.findall(SECTIONS[name])) - options(parser_of(name)) == set()


def test_help_names_the_commands_of_the_service_first(capsys):
    Utility(["manage.py", "help"]).execute()
    sections = re.findall(r"^\[(\w+)\]$", capsys.readouterr().out, re.MULTILINE)
    assert sections == ["tasks", "todo_project", *sorted(set(sections) - {"tasks", "todo_project"})]
    Utility(["manage.py", "help", "--commands"]).execute()
    assert capsys.readouterr().out.split() == sorted(get_commands())
