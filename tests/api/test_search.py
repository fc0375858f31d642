"""`q` finds words in the title or the description, whatever the case of their letters, the same on both databases."""

from tests.conftest import OWNER, STRANGER
from tests.support.queries import url
from tests.support.reference import Tasks

TASKS = f"/api/{OWNER}/tasks"
WORDS = [
    # title, description, q, whether it is found
    ("Buy milk", None, "milk", True),
    ("Buy milk", None, "ilk", True),
    ("Buy milk", None, "MILK", True),
    ("Buy milk", None, "milk buy", True),
    ("Buy milk", None, "milk\tbuy\n", True),
    ("Buy milk", None, "\u3000milk\u00a0buy\u2003", True),
    ("Buy milk", None, "milk bread", False),
    ("Buy milk", "and bread", "milk bread", True),
    ("Buy", "milk", "buymilk", False),
    ("Buy", "milk", "buy milk", True),
    ("Buymilk", None, "buy milk", True),
    ("a", "x" * 4_990 + "Needle", "needle", True),
    ("a", "", "a", True),
    ("a", None, "null", False),
    ("a", None, "none", False),
    ("100%", None, "%", True),
    ("100", None, "%", False),
    ("100", None, "1%0", False),
    ("a_b", None, "a_b", True),
    ("axb", None, "a_b", False),
    ("a\\b", None, "\\", True),
    ("a\\b", None, "a\\b", True),
    ("ab", None, "a\\b", False),
    ("a%b", None, "\\%", False),
    ("[a-z]*", None, "[a-z]*", True),
    ("b", None, "[a-z]*", False),
    ("b", None, ".", False),
    ("b", None, "(", False),
    ("*", None, "*", True),
    ("?", None, "?", True),
    ("b", None, "?", False),
    ("it's", None, "'s", True),
    ('a"b', None, '"b', True),
    ("a&b=c", None, "&b=", True),
    ("a+b", None, "a+b", True),
    ("ab", None, "a+b", False),
    ("ΣΊΣΥΦΟΣ", None, "σίσυφος", True),
    ("Σίσυφος", None, "ΣΊΣΥΦΟΣ", True),
    ("ὀδυσσεύς", None, "ὈΔΥΣΣΕΎΣ", True),
    ("ᾳ", None, "ᾼ", True),
    ("ά", None, "α", False),
    ("Straße", None, "STRASSE", False),
    ("STRASSE", None, "straße", False),
    ("STRAẞE", None, "straße", True),
    ("straße", None, "STRAẞE", True),
    ("İstanbul", None, "istanbul", False),
    ("İstanbul", None, "İSTANBUL", True),
    ("istanbul", None, "İstanbul", False),
    ("ılık", None, "ILIK", False),
    ("ilik", None, "ILIK", True),
    ("ılık", None, "ıLıK", True),
    ("МОЛОКО", None, "молоко", True),
    ("ёлка", None, "ЁЛКА", True),
    ("ёлка", None, "елка", False),
    ("ǅ", None, "ǆ", True),
    ("ǅ", None, "Ǆ", True),
    ("ﬁ", None, "fi", False),
    ("ŉ", None, "ʼn", False),
    ("K", None, "k", True),
    ("k", None, "K", True),
    ("ſ", None, "S", True),
    ("Å", None, "å", True),
    ("µ", None, "Μ", True),
    ("Ω", None, "ω", True),
    ("ϐ", None, "Β", True),
    ("ა", None, "Ა", True),
    ("Ꭰ", None, "ꭰ", True),
    ("𐐨", None, "𐐀", True),
    ("𞤢", None, "𞤀", True),
    ("ＡＢ", None, "ａｂ", True),
    ("AB", None, "ａｂ", False),
    ("café", None, "CAFÉ", True),
    ("café", None, "CAFE\u0301", False),
    ("cafe\u0301", None, "CAFE\u0301", True),
    ("buy 😀 now", None, "😀", True),
    ("buy 😀 now", None, "😁", False),
    ("👩‍👩‍👧", None, "👩", True),
    ("👍🏽", None, "👍", True),
    ("日本語", None, "本", True),
    ("\u202eabc", None, "abc", True),
    ("a\u00adb", None, "ab", False),
    ("a\x01b", None, "\x01", True),
    ("a\x1fb", None, "a\x1fb", True),
    ("b a", None, "a\x1fb", False),
    ("a", None, "\x1f", False),
    ("a\u200bb", None, "a\u200bb", True),
    ("b a", None, "a\u200bb", False),
    ("b a", None, "a\ufeffb", False),
    ("b a", None, "a\u180eb", False),
    ("b a", None, "a\x85b", True),
    ("x" * 100, None, "X" * 100, True),
    ("x" * 99, None, "x" * 100, False),
    ("Milk " + "x" * 400, None, " ".join(["X" * 99, "milk"]), True),
    ("a b c d e f g h i j k l m n o p q r s t", None, "t s r q p o n m l k j i h g f e d c b a", True),
    ("a", None, " ".join("a" * 20), True),
]  # fmt: skip


def test_each_word_stands_in_the_title_or_the_description(api):
    for number, (title, description, text, is_found) in enumerate(WORDS):
        expected = Tasks()
        expected.keep(api.create(f"user-{number}", title=title, description=description))
        response = api.send("GET", url({"q": text}, f"/api/user-{number}/tasks"))
        answered = (title, text, response.status_code, response.json())
        assert answered == (title, text, 200, expected.listed({}) if is_found else [])
        # The reference must know it too.
        assert expected.listed({"q": text}) == response.json()


def test_plus_and_percent_20_are_both_a_blank(api):
    api.create(title="bread")
    both = api.create(title="milk and bread")

    for text in ("milk+bread", "milk%20bread", "%20+milk++bread"):
        assert api.send("GET", f"{TASKS}?q={text}").json() == [both]


def test_words_are_looked_for_in_the_users_own_tasks_alone(api):
    api.create(STRANGER, title="Milk")

    assert api.send("GET", url({"q": "milk"}, TASKS)).json() == []
