"""The search for words in tasks: each must stand in the title or the description, and letter case does not matter."""

import json
from collections import defaultdict
from functools import cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Expression, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

from todo_project.api.fields import WORD

# Letters with an upper and a lower case stand in Unicode's first two planes.
CASED = range(0x20000)

# A database knows letter case by its locale, SQLite only that of ASCII. So PostgreSQL gets each word as a regular
# expression that lists the cases of each letter. SQLite gets the words, and a function that maps texts to one case. By
# Python's regular expressions a word that nearly matches all over a text takes the length of one times the other.


def searched(text: str, connection: BaseDatabaseWrapper) -> list[str]:
    """The words of a text as HasWords takes them on that database, once if they differ in letter case alone."""
    write = pattern if connection.vendor == "postgresql" else folded
    return list(dict.fromkeys(write(word) for word in WORD.findall(text)))


def pattern(word: str) -> str:
    classes = classes_by_character()
    return "".join([classes.get(character) or plain(character) for character in word])


def plain(character: str) -> str:
    """A regular expression for the character itself, whatever it means in others."""
    return character if character.isalnum() else f"\\U{ord(character):08x}"


def folded(text: str) -> str:
    return text.translate(foldings())


@cache
def groups() -> list[list[str]]:
    """The characters that are cases of one another: 1,400 groups in 20 ms.

    By Unicode's simple case folding they are those whose full folding is the same.
    """
    cases = defaultdict(list)
    for character in map(chr, CASED):
        if (full := character.casefold()) != character:
            cases[full].append(character)
    found = [[full, *others] if len(full) == 1 else others for full, others in cases.items()]
    return [group for group in found if len(group) > 1]


@cache
def classes_by_character() -> dict[str, str]:
    """For each character that has other cases a class of them all, as [kK\\u212a] for k."""
    return {each: f"[{''.join(map(plain, group))}]" for group in groups() for each in group}


@cache
def foldings() -> dict[int, str]:
    return {ord(each): group[0] for group in groups() for each in group}


def has_words(text: str, words: str) -> bool:
    """HasWords on SQLite. `words` is JSON."""
    text = folded(text)
    return all(word in text for word in json.loads(words))


def give_sqlite_the_search(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """For the signal `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("has_words", 2, has_words, deterministic=True)


class Text(Func):
    """The title and the description. No word has white space, so none is found over the border of the two."""

    template = "(%(expressions)s, ''))"
    arg_joiner = " || ' ' || coalesce("
    output_field = TextField()


class HasWords(Func):
    """Whether a task has all words: HasWords("title", "description", Parameter("q", ListField(TextField()))).

    The value is what `searched` gives. It reads each task that matches the other filters.
    """

    # In the C collation PostgreSQL compares characters by their number alone, whatever the column's collation.
    template = "%(expressions)s)"
    arg_joiner = ' COLLATE "C" ~ ALL('
    output_field = BooleanField()

    def __init__(self, title: str, description: str, words: Expression) -> None:
        super().__init__(Text(title, description), words)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="has_words(%(expressions)s)", arg_joiner=", ")
