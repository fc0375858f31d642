"""Bodies that are not JSON, or not the JSON of a task. Each row: its name, the request, the status, the shape."""

import gzip
import json

from tests.support.wire import with_body

USER = "hostile"
TASKS = f"/api/{USER}/tasks"
LIMIT = 128 * 1024


def post(body, *headers, **options):
    return with_body("POST", TASKS, body, *headers, **options)


def task(title, description=None, is_completed=False):
    return {"user_id": USER, "title": title, "description": description, "is_completed": is_completed}


def titled(size):
    """JSON of exactly that many bytes, most of them in a member that the service does not know."""
    frame = b'{"title": "big", "padding": ""}'
    return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]


NOT_JSON = [
    ("nothing", post(b""), 422, ["body missing"]),
    ("white space", post(b" \r\n\t"), 422, ["body json_invalid"]),
    ("cut in a name", post(b'{"title'), 422, ["body json_invalid"]),
    ("cut before its end", post(b'{"title": "a"'), 422, ["body json_invalid"]),
    ("a comma too many", post(b'{"title": "a",}'), 422, ["body json_invalid"]),
    ("two values", post(b'{"title": "a"}{"title": "b"}'), 422, ["body json_invalid"]),
    ("single quotes", post(b"{'title': 'a'}"), 422, ["body json_invalid"]),
    ("a comment", post(b'/* a */{"title": "a"}'), 422, ["body json_invalid"]),
    ("a form", post(b"title=a&is_completed=true"), 422, ["body json_invalid"]),
    ("a byte order mark", post(b'\xef\xbb\xbf{"title": "a"}'), 201, task("a")),
    ("UTF-16", post('{"title": "a"}'.encode("utf-16")), 422, ["body json_invalid"]),
    ("UTF-32 without a mark", post('{"title": "a"}'.encode("utf-32-be")), 422, ["body json_invalid"]),
    ("gzip", post(gzip.compress(b'{"title": "a"}', mtime=0)), 422, ["body json_invalid"]),
    ("a stray continuation byte", post(b'{"title": "\x80"}'), 422, ["body json_invalid"]),
    ("an overlong slash", post(b'{"title": "\xc0\xaf"}'), 422, ["body json_invalid"]),
    ("a surrogate in UTF-8", post(b'{"title": "\xed\xa0\x80"}'), 422, ["body json_invalid"]),
    ("past the last code point", post(b'{"title": "\xf4\x90\x80\x80"}'), 422, ["body json_invalid"]),
    ("Latin-1", post('{"title": "é"}'.encode("latin-1")), 422, ["body json_invalid"]),
    ("a line end in a string", post(b'{"title": "a\nb"}'), 422, ["body json_invalid"]),
    ("a NUL in a string", post(b'{"title": "a\x00b"}'), 422, ["body json_invalid"]),
    ("a NUL alone", post(b"\x00"), 422, ["body json_invalid"]),
    ("an unknown escape", post(b'{"title": "\\x41"}'), 422, ["body json_invalid"]),
    ("half an escape", post(b'{"title": "\\u12"}'), 422, ["body json_invalid"]),
    ("NaN", post(b'{"title": NaN}'), 422, ["body json_invalid"]),
    ("NaN where nobody looks", post(b'{"title": "a", "x": NaN}'), 422, ["body json_invalid"]),
    ("Infinity", post(b'{"title": "a", "is_completed": Infinity}'), 422, ["body json_invalid"]),
    ("-Infinity", post(b'{"description": -Infinity, "title": "a"}'), 422, ["body json_invalid"]),
    ("a leading zero", post(b'{"title": "a", "x": 01}'), 422, ["body json_invalid"]),
    ("a plus sign", post(b'{"title": "a", "x": +1}'), 422, ["body json_invalid"]),
    ("hexadecimal", post(b'{"title": "a", "x": 0x1}'), 422, ["body json_invalid"]),
    ("Python's True", post(b'{"title": "a", "is_completed": True}'), 422, ["body json_invalid"]),
    ("100,000 opened lists", post(b"[" * 100_000), 422, ["body json_invalid"]),
    ("20,000 opened objects", post(b'{"a":' * 20_000), 422, ["body json_invalid"]),
    ("nested past the bound", post(b"[" * 50_000 + b"]" * 50_000), 422, ["body json_invalid"]),
    ("nested in the title", post(b'{"title":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), 422, ["body json_invalid"]),
]

NOT_A_TASK = [
    ("null", post(b"null"), 422, ["body model_type"]),
    ("a list", post(b'[{"title": "a"}]'), 422, ["body model_type"]),
    ("a string", post(b'"title"'), 422, ["body model_type"]),
    ("a number", post(b"1"), 422, ["body model_type"]),
    ("true", post(b"true"), 422, ["body model_type"]),
    ("an empty object", post(b"{}"), 422, ["body.title missing"]),
    ("another case", post(b'{"Title": "a"}'), 422, ["body.title missing"]),
    ("a title of null", post(b'{"title": null}'), 422, ["body.title string_type"]),
    ("a title of 5", post(b'{"title": 5}'), 422, ["body.title string_type"]),
    ("a title of 1e400", post(b'{"title": 1e400}'), 422, ["body.title string_type"]),
    ("a title of true", post(b'{"title": true}'), 422, ["body.title string_type"]),
    ("a title of a list", post(b'{"title": ["a"]}'), 422, ["body.title string_type"]),
    ("a title of an object", post(b'{"title": {"a": 1}}'), 422, ["body.title string_type"]),
    ("a title nested 500 deep", post(b'{"title": ' + b"[" * 500 + b"]" * 500 + b"}"), 422, ["body.title string_type"]),
    ("an empty title", post(b'{"title": ""}'), 422, ["body.title string_too_short"]),
    ("a title of blanks", post(b'{"title": " \\t\\u00a0\\u3000"}'), 422, ["body.title string_too_short"]),
    ("a title of 501", post(b'{"title": "%s"}' % (b"a" * 501)), 422, ["body.title string_too_long"]),
    ("U+0000 in the title", post(b'{"title": "a\\u0000b"}'), 422, ["body.title value_error"]),
    (
        "U+0000 in the description",
        post(b'{"title": "a", "description": "\\u0000"}'),
        422,
        ["body.description value_error"],
    ),
    ("a high surrogate", post(b'{"title": "\\ud800"}'), 422, ["body.title value_error"]),
    ("a low surrogate", post(b'{"title": "a\\udfff"}'), 422, ["body.title value_error"]),
    ("surrogates in the wrong order", post(b'{"title": "\\udc00\\ud800"}'), 422, ["body.title value_error"]),
    (
        "a surrogate in the description",
        post(b'{"title": "a", "description": "\\ud83d"}'),
        422,
        ["body.description value_error"],
    ),
    ("a description of 5", post(b'{"title": "a", "description": 5}'), 422, ["body.description string_type"]),
    ("a description of a list", post(b'{"title": "a", "description": []}'), 422, ["body.description string_type"]),
    (
        "a description of 5,001",
        post(b'{"title": "a", "description": "%s"}' % (b"a" * 5001)),
        422,
        ["body.description string_too_long"],
    ),
    ("completed: 1", post(b'{"title": "a", "is_completed": 1}'), 422, ["body.is_completed bool_type"]),
    ("completed: 0.0", post(b'{"title": "a", "is_completed": 0.0}'), 422, ["body.is_completed bool_type"]),
    ('completed: "true"', post(b'{"title": "a", "is_completed": "true"}'), 422, ["body.is_completed bool_type"]),
    ("completed: null", post(b'{"title": "a", "is_completed": null}'), 422, ["body.is_completed bool_type"]),
    ("completed: a list", post(b'{"title": "a", "is_completed": [true]}'), 422, ["body.is_completed bool_type"]),
    (
        "everything wrong",
        post(b'{"title": [], "description": {}, "is_completed": "no"}'),
        422,
        ["body.title string_type", "body.description string_type", "body.is_completed bool_type"],
    ),
    ("the last title counts, and is wrong", post(b'{"title": "a", "title": 1}'), 422, ["body.title string_type"]),
]

ODD_BUT_A_TASK = [
    ("the last title counts", post(b'{"title": 1, "title": "b"}'), 201, task("b")),
    ("a name spelled by escapes", post(b'{"\\u0074itle": "a"}'), 201, task("a")),
    ("members that nobody knows", post(b'{"title": "a", "__proto__": {}, "pk": 1, "": null}'), 201, task("a")),
    (
        "members that only the service sets",
        post(b'{"title": "a", "id": "x", "user_id": "victim", "created_at": 1, "updated_at": []}'),
        201,
        task("a"),
    ),
    ("1e400 where nobody looks", post(b'{"title": "a", "x": 1e400}'), 201, task("a")),
    ("a number of 4,000 digits", post(b'{"title": "a", "x": %s}' % (b"9" * 4000)), 201, task("a")),
    ("a surrogate where nobody looks", post(b'{"title": "a", "x": "\\ud800"}'), 201, task("a")),
    ("a surrogate in an unknown name", post(b'{"title": "a", "\\ud800": 1}'), 201, task("a")),
    ("U+0000 in an unknown name", post(b'{"title": "a", "\\u0000": 1}'), 201, task("a")),
    ("8,000 members", post(json.dumps({"title": "a"} | {f"m{n}": n for n in range(8000)}).encode()), 201, task("a")),
    ("a surrogate pair", post(b'{"title": "\\ud83d\\ude00"}'), 201, task("😀")),
    ("500 astral characters", post(json.dumps({"title": "😀" * 500}).encode()), 201, task("😀" * 500)),
    ("blanks around 500", post(b'{"title": "  %s  "}' % (b"a" * 500)), 201, task("a" * 500)),
    ("a description of nothing", post(b'{"title": "a", "description": ""}'), 201, task("a", "")),
    ("a description of blanks", post(b'{"title": "a", "description": "  "}'), 201, task("a", "  ")),
    ("SQL", post(b'{"title": "\'; DROP TABLE tasks_task; --"}'), 201, task("'; DROP TABLE tasks_task; --")),
    ("a format string", post(b'{"title": "%s %(a)s {0} %n"}'), 201, task("%s %(a)s {0} %n")),
    ("HTML", post(b'{"title": "<script>alert(1)</script>"}'), 201, task("<script>alert(1)</script>")),
    ("text turned around", post('{"title": "\u202e\u200b\ufeff"}'.encode()), 201, task("\u202e\u200b\ufeff")),
    ("control characters", post(b'{"title": "a\\u0001\\u001b[31m\\u007fb"}'), 201, task("a\x01\x1b[31m\x7fb")),
    ("noncharacters", post(b'{"title": "\\uffff\\ufffe"}'), 201, task("\uffff\ufffe")),
    ("exactly the limit", post(titled(LIMIT)), 201, task("big")),
]

TOO_LARGE_DETAIL = f"The body is larger than {LIMIT} bytes"
TOO_LARGE = [
    ("a byte over the limit", post(titled(LIMIT + 1)), 413, TOO_LARGE_DETAIL),
    ("two million brackets", post(b"[" * 2_000_000), 413, TOO_LARGE_DETAIL),
    ("too large and of another type", post(b"x" * (LIMIT + 1), content_type="text/plain"), 413, TOO_LARGE_DETAIL),
]

ROWS = {"not JSON": NOT_JSON, "not a task": NOT_A_TASK, "odd": ODD_BUT_A_TASK, "large": TOO_LARGE}
