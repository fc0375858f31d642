"""The search for words in tasks: each must stand in the title or the description, and letter case does not matter."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Expression, Func, TextField, Value
from django.db.models.sql.compiler import SQLCompiler

from todo_project.api.fields import WORD
from todo_project.database.lists import ListField

# Letters with an upper and a lower case stand in Unicode's first two planes.
CASED = range(0x20000)

# A database knows letter case by its locale, SQLite only that of ASCII. So a word becomes a regular expression that
# lists the cases of each letter, in what PostgreSQL's and Python's regular expressions have in common.


def patterns(text: str) -> list[str]:
    """A regular expression for each word of a text, once for words that differ in letter case alone."""
    classes = classes_by_character()
    words = ("".join([classes.get(character) or plain(character) for character in word]) for word in WORD.findall(text))
    return list(dict.fromkeys(words))


@cache
def classes_by_character() -> dict[str, str]:
    """For each character that has other cases a class of them all, as [kK\\u212a] for k: 2,800 in 25 ms.

    Characters are cases of one another by Unicode's simple case folding exactly where their full folding is the same.
    """
    cases = defaultdict(list)
    for character in map(chr, CASED):
        if (folded := character.casefold()) != character:
            cases[folded].append(character)
    groups = [[folded, *others] if len(folded) == 1 else others for folded, others in cases.items()]
    return {each: f"[{''.join(map(plain, group))}]" for group in groups if len(group) > 1 for each in group}


def plain(character: str) -> str:
    """A regular expression for the character itself, whatever it means in others."""
    return character if character.isalnum() else f"\\U{ord(character):08x}"


class Text(Func):
    """The title and the description. No word has white space, so none is found over the border of the two."""

    template = "(%(expressions)s, ''))"
    arg_joiner = " || ' ' || coalesce("
    output_field = TextField()


class HasWords(Func):
    """Whether a task has all words: HasWords("title", "description", Parameter("q", ListField(TextField()))).

    In place of the parameter it takes a list of `patterns`. It reads each task that the other filters leave.
    """

    # In the C collation PostgreSQL compares characters by their number alone, whatever the column's collation.
    template = "%(expressions)s)"
    arg_joiner = ' COLLATE "C" ~ ALL('
    output_field = BooleanField()

    def __init__(self, title: str, description: str, words: Expression | Sequence[str]) -> None:
        if not isinstance(words, Expression):
            words = Value(list(words), ListField(TextField()))
        super().__init__(Text(title, description), words)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        # REGEXP is a function that Django gives each connection: Python's re.search.
        template = "NOT EXISTS (SELECT %(expressions)s) WHERE NOT text REGEXP value)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" AS text FROM json_each(")
