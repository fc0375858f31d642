"""Makes any number of malformed requests. The same seed makes the same requests."""

from random import Random

from tests.support.wire import chunked, request, with_body

ID = "01890000-0000-7000-8000-000000000000"
TASK = b'{"title": "a \\u00e9 \xf0\x9f\x98\x80", "description": null, "is_completed": false}'
NAMES = ["title", "description", "is_completed", "id", "user_id", "", "\\u0000", "\\ud800", "t\\u0069tle", "x" * 600]
VALUES = [
    *(
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "1e400",
        "-1e-400",
        "NaN",
        "Infinity",
        "9" * 400,
        "01",
        "0x1",
        "''",
        "{",
        "]",
    ),
    *('""', '" "', '"a"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\x"', '"\n"', '"%s"' % ("a" * 5001), '"a'),
    *("[" * 2000, "[]" * 3, '{"a":' * 300, "[" * 900 + "]" * 900, '{"title":"b"}', '["a"]', "undefined", "//"),
]
TYPES = ["text/plain", "application/json; charset=punycode", "application/x-www-form-urlencoded", "a", ";", "/", ""]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "GET", "OPTIONS", "TRACE", "QUERY", "PROPFIND"]
PIECES = [
    "%00",
    "%0a",
    "%ff",
    "%2f",
    "%c0%af",
    "%ed%a0%80",
    "%",
    "%zz",
    "..",
    ".",
    ";",
    "?",
    "=",
    "+",
    "%25",
    "%F0%9F",
    "a",
    "~",
]
TRANSFERS = [
    "chunked",
    "Chunked",
    "chunked, chunked",
    "gzip, chunked",
    "chunked, gzip",
    "identity",
    "\tchunked",
    "xchunked",
    '"chunked"',
    "",
]
FILTERS = [
    "is_completed",
    "q",
    "created_after",
    "updated_before",
    "sort",
    "limit",
    "cursor",
    "is_completed[]",
    "%ff",
    "",
]
QUERY_VALUES = [
    "",
    "=",
    "=true",
    "=a+b",
    "=%00",
    "=%ff",
    "=%",
    "=1.5",
    "=-1",
    "=1",
    "=-updated_at",
    "=2026-01-01T00:00:00Z",
]
QUERY_VALUES += [
    "=9999-12-31T23:59:59.9999999Z",
    "=0001-01-01T00:00:00%2B23:59",
    "=" + "A" * 44,
    "=" + "%F0%9F%98%80" * 99,
]
CONDITIONS = [
    b"*",
    b'"a"',
    b'W/"a", "b"',
    b'"9999-12-31T23:59:59.999999Z"',
    b'"0001-01-01T00:00:00Z"',
    b"key",
    b'"\xff"',
]
LENGTHS = ["0", "5", "+5", "-5", "5, 5", "0x5", "5 5", "00005", "9" * 30, "9" * 4400, "5.0", "", "\u00b2"]


def target(user_id="fuzz", task_id=None, suffix=""):
    return f"/api/{user_id}/tasks" + (f"/{task_id}{suffix}" if task_id is not None else "")


def every_byte():
    """Requests with each byte, escaped, in the user id or the task id of a path, for each method."""
    for byte in range(256):
        for place in ({"user_id": f"a%{byte:02x}b"}, {"task_id": f"{ID[:-1]}%{byte:02X}"}):
            for method in ("GET", "POST", "PUT", "DELETE"):
                yield with_body(method, target(**place), TASK[: byte % 3])
            yield request("PATCH", target(**{"task_id": ID} | place, suffix="/complete"))


def mutated(random, sent, most=4):
    sent = bytearray(sent)
    for _ in range(random.randint(1, most)):
        start = random.randrange(len(sent) + 1)
        end = min(len(sent), start + random.choice((0, 0, 1, 1, 2, 8)))
        sent[start:end] = random.choice(
            (b"", random.randbytes(1), bytes(sent[start:end]) * 2, random.choice((b"\r\n", b"\0", b" ", b"\xff")))
        )
    return bytes(sent)


def operation(random, body):
    method, where = random.choice(
        (("POST", target()), ("PUT", target(task_id=ID)), ("PATCH", target(task_id=ID, suffix="/complete")))
    )
    return with_body(method, where, body)


def bad_json(random):
    return operation(random, mutated(random, TASK))


def wrong_members(random):
    members = (f'"{random.choice(NAMES)}":{random.choice(VALUES)}' for _ in range(random.randint(1, 6)))
    return operation(random, b"{" + ",".join(members).encode() + b"}")


def deep_json(random):
    return operation(
        random, random.choice((b"[", b'{"a":', b'[{"":', b'{"title":[')) * random.choice((10, 1000, 1025, 9000))
    )


def bad_target(random):
    user_id, task_id = ("".join(random.choices(PIECES, k=random.randint(0, 9))) for _ in range(2))
    where = target(user_id, random.choice((None, task_id)), random.choice(("", "/complete", "/", "//")))
    return request(random.choice(METHODS), random.choice(("", "http://localhost", "/")) + where)


def bad_type(random):
    return with_body(random.choice(METHODS), target(), TASK, content_type=random.choice(TYPES))


def bad_line(random):
    line, separator, rest = request(random.choice(METHODS), target()).partition(b"\r\n")
    return mutated(random, line) + separator + rest


def bad_headers(random):
    flood = [mutated(random, b"X-Name-%d: value" % n, 1) for n in range(random.choice((1, 2, 5, 99, 101, 400)))]
    long = [b"X-Long: " + b"a" * random.choice((1, 8000, 8200, 30_000))]
    return request("GET", target(), *random.choice((flood, long, flood + long)))


def bad_chunks(random):
    pieces = [TASK[:20], TASK[20:]]
    stream = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return chunked("POST", target(), body=mutated(random, stream))


def wrong_length(random):
    length = random.choice((*LENGTHS, str(len(TASK) + random.randint(-9, 9)), str(random.getrandbits(40))))
    return request("POST", target(), f"Content-Length: {length}".encode("latin-1"), body=TASK)


def two_lengths(random):
    both = [
        f"Content-Length: {random.choice(LENGTHS)}".encode("latin-1"),
        f"Transfer-Encoding: {random.choice(TRANSFERS)}",
    ]
    random.shuffle(both)
    return request(
        "POST", target(), *both, body=random.choice((TASK, b"0\r\n\r\n", b"5\r\nabcde\r\n0\r\n\r\n" + bad_line(random)))
    )


def too_large(random):
    return operation(random, random.choice((b"[", b'{"a":', b" ", b"\0", b'"')) * random.randint(20_000, 150_000))


def noise(random):
    return random.randbytes(random.randint(1, 300)) + random.choice((b"", b"\r\n\r\n"))


def bad_query(random):
    method = random.choice(("GET", "DELETE", "PATCH"))
    pairs = (f"{random.choice(FILTERS)}{random.choice(QUERY_VALUES)}" for _ in range(random.randint(1, 4)))
    return with_body(method, f"{target('asked')}?{'&'.join(pairs)}", b'{"is_completed": true}')


def bad_condition(random):
    """A mutated tag or key, without the bytes for which the server refuses a whole request."""
    name = random.choice(("If-Match", "If-None-Match", "Idempotency-Key"))
    value = mutated(random, random.choice(CONDITIONS)).translate(None, bytes(range(0x20)) + b"\x7f")
    method, where = random.choice(
        (("PUT", target(task_id=ID)), ("DELETE", target(task_id=ID)), ("GET", target("asked")), ("POST", target()))
    )
    return with_body(method, where, TASK, f"{name}: ".encode() + value)


WELL_FRAMED = [bad_json, wrong_members, bad_target, bad_type, deep_json, bad_query, bad_condition]
ILL_FRAMED = [bad_line, bad_headers, bad_chunks, wrong_length, two_lengths, too_large, noise]


def connections(seed, count, pipelined=25):
    """What each connection sends, `count` requests in all. It is many well-framed requests, or one ill-framed one."""
    random = Random(seed)
    escaped = list(every_byte())
    whole = escaped + [random.choice(WELL_FRAMED)(random) for _ in range(count * 7 // 10 - len(escaped))]
    for start in range(0, len(whole), pipelined):
        yield whole[start : start + pipelined]
    for _ in range(count - len(whole)):
        yield [random.choice(ILL_FRAMED)(random)]
