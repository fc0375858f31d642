"""Requests that state the length of a body wrongly. Each row: its name, the request, the status, the shape."""

from tests.hostile.corpus.bodies import LIMIT, TASKS, TOO_LARGE_DETAIL, task
from tests.hostile.corpus.targets import ID, TITLE
from tests.support.wire import REFUSED, chunked, request

TASK = f"/api/nobody/tasks/{ID}"
A = task("a")


def framed(*headers, body=TITLE, **options):
    return request("POST", TASKS, *headers, body=body, **options)


def in_chunks(body, *headers):
    return chunked("POST", TASKS, *headers, body=body)


LENGTHS = [
    ("a body a byte short", framed(f"Content-Length: {len(TITLE) + 1}"), 422, ["body json_invalid"]),
    ("no body at all", framed("Content-Length: 14", body=b""), 422, ["body json_invalid"]),
    ("a short body to put", request("PUT", TASK, "Content-Length: 3", body=b"{}"), 422, ["body json_invalid"]),
    (
        "a short body to toggle",
        request("PATCH", f"{TASK}/complete", "Content-Length: 3", body=b"{}"),
        422,
        ["body json_invalid"],
    ),
    ("a petabyte promised", framed("Content-Length: 1000000000000000", body=b""), 413, TOO_LARGE_DETAIL),
    ("a length of 18 digits", framed("Content-Length: " + "9" * 18, body=b""), 413, TOO_LARGE_DETAIL),
    ("a length of 4,000 digits", framed("Content-Length: " + "9" * 4000, body=b""), 413, REFUSED),
    ("a length of 5,000 digits", framed("Content-Length: " + "9" * 5000, body=b""), 413, REFUSED),
    ("a negative length", framed("Content-Length: -1"), 400, REFUSED),
    ("a signed length", framed("Content-Length: +14"), 400, REFUSED),
    ("a hexadecimal length", framed("Content-Length: 0xe"), 400, REFUSED),
    ("a length of 1e1", framed("Content-Length: 1e1"), 400, REFUSED),
    ("a length of 14.0", framed("Content-Length: 14.0"), 400, REFUSED),
    ("a superscript length", framed(b"Content-Length: \xb2"), 400, REFUSED),
    ("an empty length", framed("Content-Length:"), 400, REFUSED),
    ("two lengths in one", framed("Content-Length: 14, 14"), 400, REFUSED),
    ("the same length twice", framed("Content-Length: 14", "Content-Length: 14"), 400, REFUSED),
    ("two lengths", framed("Content-Length: 14", "Content-Length: 0"), 400, REFUSED),
    ("a length with leading zeros", framed("Content-Length: 00014"), 201, A),
    ("a length with many of them", framed("Content-Length: " + "0" * 30 + "14"), 201, A),
    ("65,000 zeros and an x", framed("Content-Length: " + "0" * 65_000 + "x"), 400, REFUSED),
    ("8,000 zeros and an x", framed("Content-Length: " + "0" * 8_000 + "x"), 400, REFUSED),
    ("waiting for 100", framed("Expect: 100-continue", "Content-Length: 14"), 201, A),
    ("waiting for 100 with too much", framed("Expect: 100-continue", "Content-Length: 999999"), 413, TOO_LARGE_DETAIL),
]

TRANSFERS = [
    ("length and chunks", in_chunks(b"0\r\n\r\n", "Content-Length: 5"), 400, REFUSED),
    ("chunks and length", framed("Content-Length: 6", "Transfer-Encoding: chunked", body=b"0\r\n\r\nG"), 400, REFUSED),
    ("chunked twice", framed("Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), 400, REFUSED),
    (
        "chunked in two headers",
        framed("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        400,
        REFUSED,
    ),
    ("chunked, then not", framed("Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"), 400, REFUSED),
    ("gzip without chunks", framed("Transfer-Encoding: gzip"), 400, REFUSED),
    (
        "gzip in chunks",
        framed("Transfer-Encoding: gzip, chunked", body=b"e\r\n" + TITLE + b"\r\n0\r\n\r\n"),
        400,
        "Of transfer codings only chunked is understood",
    ),
    (
        "gzip and chunks in two headers",
        framed("Transfer-Encoding: gzip", "Transfer-Encoding: chunked", body=b"e\r\n" + TITLE + b"\r\n0\r\n\r\n"),
        400,
        "Of transfer codings only chunked is understood",
    ),
    (
        "identity, then chunks",
        framed("Transfer-Encoding: identity, chunked", body=b"e\r\n" + TITLE + b"\r\n0\r\n\r\n"),
        400,
        "Of transfer codings only chunked is understood",
    ),
    ("identity", framed("Transfer-Encoding: identity", "Content-Length: 14"), 400, REFUSED),
    ("an unknown coding", framed("Transfer-Encoding: nonsense"), 400, REFUSED),
    ("a coding spelled with a tab", framed("Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"), 400, REFUSED),
    ("chunks in HTTP/1.0", framed("Transfer-Encoding: chunked", body=b"0\r\n\r\n", version="HTTP/1.0"), 400, REFUSED),
    ("one chunk", in_chunks(b"e\r\n" + TITLE + b"\r\n0\r\n\r\n"), 201, A),
    ("a chunk a byte", in_chunks(b"".join(b"1\r\n%c\r\n" % byte for byte in TITLE) + b"0\r\n\r\n"), 201, A),
    ("leading zeros", in_chunks(b"0000000E\r\n" + TITLE + b"\r\n0\r\n\r\n"), 201, A),
    ("an extension", in_chunks(b'e;a="b;c"\r\n' + TITLE + b"\r\n0;x\r\n\r\n"), 201, A),
    ("a trailer", in_chunks(b"e\r\n" + TITLE + b"\r\n0\r\nX-Y: 1\r\n\r\n"), 201, A),
    ("CHUNKED", framed("Transfer-Encoding: CHUNKED", body=b"e\r\n" + TITLE + b"\r\n0\r\n\r\n"), 201, A),
    ("chunks of nothing", in_chunks(b"0\r\n\r\n"), 422, ["body missing"]),
    ("chunks that end too early", in_chunks(b"e\r\n" + TITLE[:5]), 422, ["body json_invalid"]),
    ("no last chunk", in_chunks(b"e\r\n" + TITLE + b"\r\n"), 422, ["body json_invalid"]),
    ("no end of trailers", in_chunks(b"e\r\n" + TITLE + b"\r\n0\r\n"), 422, ["body json_invalid"]),
    ("a size that is none", in_chunks(b"z\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("a negative size", in_chunks(b"-e\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("a size of -6", in_chunks(b"-6\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("a size of +6", in_chunks(b"+6\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("a size of 0_6", in_chunks(b"0_6\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("no size", in_chunks(b"\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("a size of 0x", in_chunks(b"0xe\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("a size past 64 bits", in_chunks(b"f" * 17 + b"\r\n" + TITLE), 413, TOO_LARGE_DETAIL),
    ("a chunk longer than it says", in_chunks(b"2\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("a size line without an end", in_chunks(b"e" * 20_000), 413, TOO_LARGE_DETAIL),
    ("an extension of a lone CR", in_chunks(b"e;a\rb\r\n" + TITLE + b"\r\n0\r\n\r\n"), 422, ["body json_invalid"]),
    ("bare line feeds", in_chunks(b"e\n" + TITLE + b"\n0\n\n"), 422, ["body json_invalid"]),
    (
        "a length among the trailers",
        in_chunks(b"e\r\n" + TITLE + b"\r\n0\r\nContent-Length: 1\r\n\r\n"),
        422,
        ["body json_invalid"],
    ),
    (
        "a body of chunks over the limit",
        in_chunks(b"%x\r\n" % (LIMIT + 1) + b"x" * (LIMIT + 1) + b"\r\n0\r\n\r\n"),
        413,
        TOO_LARGE_DETAIL,
    ),
    ("text in chunks", chunked("PATCH", f"{TASK}/complete", body=b"2\r\n[]\r\n0\r\n\r\n"), 422, ["body model_type"]),
]

ROWS = {"length": LENGTHS, "transfer": TRANSFERS}
