"""The search for words: both databases answer alike, whatever the letters and whatever the database's locale."""

import re
from collections import defaultdict
from itertools import combinations

import pytest
from django.db import connection
from django.db.models import TextField
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.models import Task
from tasks.words import HasWords, folded, pattern, searched
from tests.conftest import OWNER
from todo_project.database.lists import ListField
from todo_project.database.statements import Parameter, Statement

# What is searched for, a title, a description, and whether the task is found.
CASES = [
    ("milk", "Buy MILK", None, True),
    ("milk", "Buy bread", None, False),
    ("milk", "Buy bread", "and Milk", True),
    ("il", "Milk", None, True),
    ("today milk", "Milk", "for today", True),
    ("milk today", "Milk for today", None, True),
    ("milk tomorrow", "Milk", "for today", False),
    ("milkfor", "Milk", "for today", False),
    ("Milk milk", "milk", None, True),
    (" ", "Milk", None, True),
    ("\u3000milk\u00a0\u2028\x85today\t", "milk, today", None, True),
    ("milk\x1ctoday", "milk today", None, False),
    ("milk\x1ctoday", "MILK\x1cTODAY", None, True),
    # The Kelvin sign, the long s, the Ångström sign and the micro sign have letters for their lower case.
    ("kelvin", "\u212aelvin", None, True),
    ("\u212a", "k", None, True),
    ("SASH", "ſaſh", None, True),
    ("\u212bngström", "ÅNGSTRÖM å", None, True),
    ("\u00b5m", "ΜM", None, True),
    # The final sigma is a sigma.
    ("σοφος", "ΣΟΦΟΣ", None, True),
    ("ΣΟΦΟΣ", "σοφός σοφος", None, True),
    ("σοφοσ", "σοφος", None, True),
    ("ᾳ", "ᾼ", None, True),
    ("ᾳ", "αι", None, False),
    # The dotted and the dotless i of Turkish are no case of the common i, and not of each other.
    ("I", "i", None, True),
    ("i", "İ", None, False),
    ("i", "ı", None, False),
    ("ı", "I", None, False),
    ("ı", "İ", None, False),
    ("ılık", "ılıK", None, True),
    ("İzmir", "İZMIR", None, True),
    ("straße", "STRAẞE", None, True),
    ("straße", "STRASSE", None, False),
    ("strasse", "Straße", None, False),
    ("ﬁ", "fi", None, False),
    ("молоко", "Купить МОЛОКО", None, True),
    ("ёж", "ЕЖ", None, False),
    ("ǆ", "Ǆ", "ǅ", True),
    ("ⅷ", "Ⅷ", None, True),
    ("ⓐ", "Ⓐ", None, True),
    ("ꭰ", "Ꭰ", None, True),
    ("𐐨𞤢", "𐐀𞤀", None, True),
    ("𐐨", "𐐁", None, False),
    ("🥛", "Milk 🥛🍞", None, True),
    ("🥛", "Milk 🍞", None, False),
    ("👩‍👩‍👧", "family: 👩‍👩‍👧", None, True),
    ("👍🏽", "👍", None, False),
    # A character and its parts are not the same.
    ("e\u0301", "E\u0301", None, True),
    ("e\u0301", "é", None, False),
    ("\u0345", "ι", None, True),
    ("%", "100", None, False),
    ("100%", "100% done", None, True),
    ("%s", "%d", None, False),
    ("_", "-", None, False),
    ("a_b", "A_B", None, True),
    ("\\", "/", None, False),
    ("\\d", "1", None, False),
    ("c:\\temp", "C:\\Temp", None, True),
    (".", "a", None, False),
    ("a.c", "abc", None, False),
    ("a*", "b", None, False),
    ("a+b?", "A+B?", None, True),
    ("[x]", "x", None, False),
    ("[x]{2}(y|z)", "[X]{2}(Y|Z)", None, True),
    ("^a", "a", None, False),
    ("a$", "a", None, False),
    ("^$", "^$", None, True),
    ("***=a", "a", None, False),
    ("(?i)a", "a", None, False),
    ("'\"", "'\"", None, True),
    ("'\"", "''", None, False),
]


def is_found(words, title, description):
    task = Task.objects.create(user_id=OWNER, title=title, description=description)
    return Task.objects.matching(q=words).filter(pk=task.pk).exists()


@pytest.mark.parametrize(("words", "title", "description", "expected"), CASES)
def test_search_finds_every_word_in_title_or_description(db, words, title, description, expected):
    assert is_found(words, title, description) is expected


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite knows no locale")
def test_locale_of_the_columns_plays_no_part(db):
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE tasks_task ALTER title TYPE varchar(500) COLLATE "C"')
        cursor.execute('ALTER TABLE tasks_task ALTER description TYPE text COLLATE "POSIX"')

    assert [case for case in CASES if is_found(*case[:3]) is not case[3]] == []


# Each character's folding as CaseFolding.txt has it (C and S), for characters in the groups below.
FOLDED = str.maketrans(
    "K\u212aSſẞΣςIИЁÅ\u212b\u00b5Μ\u0345Ι\u1fbeᾼǄǅ𐐀ꭰⒶ\u1fd3\ufb05",
    "kkssßσσiиёåå\u03bc\u03bcιιιᾳǆǆ𐐨Ꭰⓐ\u0390\ufb06",
)
GROUPS = [
    "kK\u212a", "sSſ", "ßẞs", "σςΣ", "iIİı", "иИ", "ёЁ", "åÅ\u212b", "\u00b5\u03bcΜ", "\u0345ιΙ\u1fbe", "ᾳᾼ", "ǆǅǄ",
    "𐐨𐐀", "ꭰᎠ", "ⓐⒶ", "\u0390\u1fd3", "\ufb05\ufb06", "😀👍🏽", "\u0301\u200d", "%_", "\\u", ".*", "[]", "^$", "{1}",
    "(|)?+", "'\"", "\x1c\x1f", " \t\n\x85\u00a0\u3000",
]  # fmt: skip


@st.composite
def searches(draw):
    """Words, a title and a description of few characters, so that many searches find the task and many do not."""
    characters = "".join(draw(st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2)))
    title, description = draw(st.text(characters, min_size=1, max_size=6)), draw(st.text(characters, max_size=6))
    words = draw(st.lists(st.text(characters, min_size=1, max_size=4), min_size=1, max_size=3))
    return " ".join(words), title, draw(st.sampled_from([description, None]))


def oracle(words, title, description):
    fields = [title.translate(FOLDED), (description or "").translate(FOLDED)]
    wanted = [word for word in re.split("[ \t\n\x85\u00a0\u3000]", words.translate(FOLDED)) if word]
    return all(any(word in field for field in fields) for word in wanted)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(searches())
def test_search_finds_what_a_plain_comparison_finds(db, search):
    assert is_found(*search) is oracle(*search)


@pytest.mark.run_once("sqlite")
def test_cases_of_a_letter_are_those_that_python_takes_for_one():
    """Without the letters i of Turkish, which Python's expressions take for the common i."""
    letters = [character for character in map(chr, range(0x110000)) if character not in "iIİı"]
    cases = [(a, b) for a in letters for b in (a.lower(), a.upper(), a.title()) if a != b and len(b) == 1]
    by_pattern = defaultdict(set)
    for letter in {letter for pair in cases for letter in pair}:
        by_pattern[pattern(letter)].add(letter)
    pairs = [pair for group in by_pattern.values() for pair in combinations(group, 2)]

    assert len(cases) > 2_800
    assert [(a, b) for a, b in cases if pattern(a) != pattern(b) or folded(a) != folded(b)] == []
    assert [(a, b) for a, b in pairs if not re.fullmatch(a, b, re.IGNORECASE)] == []


def test_words_that_differ_in_letter_case_are_searched_once():
    words = ["[kK\u212a]", "[mM][iI][lL][kK\u212a]", "\\U00000025"]
    expected = {"postgresql": words, "sqlite": ["k", "milk", "%"]}[connection.vendor]
    assert searched("k milk \u212a MILK %", connection) == expected
    assert searched(" \u3000", connection) == []


def search_statement(task):
    words = Parameter("q", ListField(TextField()))
    return task.objects.filter(HasWords("title", "description", words)).order_by("id").values("title").query


@pytest.mark.one_server
def test_compiled_statement_takes_the_words_as_a_parameter(db):
    for title in ("Milk %s", "MILK %", "Bread"):
        Task.objects.create(user_id=OWNER, title=title)
    search = Statement(search_statement, ["title"])

    found = [
        search.send(Task.objects.all(), q=searched(words, connection))
        for words in ("milk", "% milk", "%s milk", "100%", "r b")
    ]

    assert found == [
        [{"title": "Milk %s"}, {"title": "MILK %"}],
        [{"title": "Milk %s"}, {"title": "MILK %"}],
        [{"title": "Milk %s"}],
        [],
        [{"title": "Bread"}],
    ]
