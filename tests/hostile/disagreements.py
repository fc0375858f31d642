"""Where our reader and another understand the same bytes differently, and why that is harmless."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

REFUSED, WAITS, END = "refused", "waits for more", "end"
CRLF = b"\r\n"


class Understood(NamedTuple):
    method: str
    target: str
    body: bytes
    goes_on: bool


@dataclass
class Disagreement:
    """The first message that two readers understand differently: `rest` begins with it, `before` precedes it."""

    ours: Understood | str
    theirs: Understood | str
    before: bytes
    rest: bytes
    # The two readers, to be asked about other bytes. Each gives a list of requests, and one of the words above.
    us: Callable
    them: Callable

    @cached_property
    def head(self):
        """The head with the blank line after it, unless it is cut, where a line feed alone counts as a line end."""
        return re.search(rb"\A(?s:.*?)(?:\n\r?\n|\Z)", self.rest.lstrip(CRLF))[0]

    @property
    def is_cut(self):
        return not re.search(rb"\n\r?\n\Z", self.head)

    @cached_property
    def words(self):
        return re.split(rb" +", self.head.partition(b"\n")[0].removesuffix(b"\r"))

    @cached_property
    def chunks(self):
        """Where the size lines begin and end, and where the trailers begin, to the reader that accepts most."""
        place, spans, size = self.rest.index(self.head) + len(self.head), [], 1
        while size and place < len(self.rest):
            end = self.rest.find(CRLF, place) + 2
            spans.append((place, end if end > 1 else len(self.rest)))
            size = int(re.match(rb"[0-9a-fA-F]*", self.rest[place:])[0] or b"0", 16)
            place = spans[-1][1] + (size + 2 if size else 0)
        return spans, place

    @property
    def is_chunked(self):
        return bool(self.values(b"transfer-encoding"))

    @property
    def trailers(self):
        """The trailers with the blank line after them, unless they are cut."""
        return re.match(rb"\r?\n|(?s:.*?)(?:\n\r?\n|\Z)", self.rest[self.chunks[1] :] if self.is_chunked else b"")[0]

    def values(self, name):
        return values(self.head, name)

    def has(self, pattern):
        """Whether the head or the trailers have a field that matches the pattern."""
        return bool(re.search(pattern, self.head + b"\0" + self.trailers))


def values(head, name):
    return [value.strip(b" \t\r") for value in re.findall(rb"(?im)^" + name + rb":(.*)$", head)]


def options(head):
    """The options of Connection and of Proxy-Connection, which are the same field to llhttp."""
    return [option.strip(b" \t").lower() for option in b",".join(values(head, rb"(?:proxy-)?connection")).split(b",")]


def same(one, other):
    """Whether two are the same. Whether the connection goes on is not compared: it shows in what follows."""
    return one == other or (isinstance(one, Understood) and isinstance(other, Understood) and one[:3] == other[:3])


class Known(NamedTuple):
    """A class of disagreements. `repaired` gives the bytes that are compared next."""

    name: str
    whose: str
    matches: Callable
    why: str
    example: bytes
    repaired: Callable | None = None


# What we refuse: a reader in front of us that accepts it has passed on more than we take. It gets our refusal, and the
# connection ends.

METHODS = (
    b"DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND REBIND "
    b"UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE MKCALENDAR LINK "
    b"UNLINK SOURCE QUERY"
).split()
VERSIONS = (b"HTTP/1.1", b"HTTP/1.0")
# llhttp's grammar of a target, of a chunk's line and of trailers.
AUTHORITY = re.compile(rb"(?:[\w.!~*'()%;:&=+$,\[\]-]|@(?!@))*(?:[/?].*)?")
URL = re.compile(rb"/.*|[A-Za-z]+://" + AUTHORITY.pattern)
BEGUN_URL = re.compile(rb"[A-Za-z]*(?::/?/?)?|" + URL.pattern)
TOKEN, QUOTED = rb"[!#$%&'*+.^`|~\w-]+", rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
EXTENSION = rb";(?!\Z)(?:" + TOKEN + rb")?(?:=(?:" + TOKEN + rb")?(?:" + QUOTED + rb")?)?"
CHUNK = re.compile(rb"0*[0-9a-fA-F]{1,16}(?:" + EXTENSION + rb")*")
TRAILER = rb"(?!(?i:content-length|transfer-encoding):)" + TOKEN + rb":[\t -~\x80-\xff]*\r\n"
TRAILERS = re.compile(rb"(?:" + TRAILER + rb")+\r\n")
# Endings, one of which may complete a request that is cut.
REMAINDERS = [
    *(b"\r\n\r\n", b" / HTTP/1.1\r\nHost: a\r\n\r\n", b" HTTP/1.1\r\nHost: a\r\n\r\n", b"\r\nHost: a\r\n\r\n"),
    *(b": a\r\nHost: a\r\n\r\n", b":a\r\n\r\n", b"\n\r\n", b"0\r\n\r\n", b"\r\n0\r\n\r\n", b".1\r\nHost: a\r\n\r\n"),
]


def has_unknown_method(it):
    method, *others = it.words
    return method not in METHODS if others else not any(known.startswith(method) for known in METHODS)


def has_another_version(it):
    version, is_whole = b" ".join(it.words[2:]), CRLF in it.head
    return bool(version) and version not in VERSIONS if is_whole else not any(v.startswith(version) for v in VERSIONS)


def has_odd_target(it):
    method, target = [*it.words, b""][:2]
    if target.startswith(b"*"):
        return (method, target) != (b"OPTIONS", b"*")
    form = AUTHORITY if method == b"CONNECT" else URL if it.words[2:] else BEGUN_URL
    return not form.fullmatch(target) or not can_be_split(target)


def can_be_split(target):
    try:
        return urlsplit(target.decode("latin-1"))
    except ValueError:
        return False


def has_no_host(it):
    return not it.is_cut and it.words[-1] == b"HTTP/1.1" and not it.values(b"host")


def has_too_much(it):
    _, *fields = it.head.rstrip(CRLF).split(b"\n")
    most = max(map(len, [*it.words, *fields]))
    return len(fields) > 100 or most > 8190 or len(it.head) > 64 * 1024


def has_another_expectation(it):
    return any(value.lower() not in (b"", b"100-continue") for value in it.values(b"expect"))


def has_odd_chunk(it):
    return it.is_chunked and any(is_odd_line(it.rest[start:end]) for start, end in it.chunks[0])


def is_odd_line(line):
    # One of these may follow a line that is cut.
    more = (b"",) if line.endswith(CRLF) else (b"", b"a", b'"', b'a"', b"0")
    return not any(CHUNK.fullmatch(line.removesuffix(CRLF) + end) for end in more)


def is_refused_when_whole(read, it):
    """Whether the reader refuses it, and no ending makes it a request."""
    outcomes = {read(it.rest + more)[0] for more in REMAINDERS}
    return REFUSED in outcomes <= {REFUSED, WAITS}


# What we accept. It is explained only if it is the same request to both without the part that the other rejects.


def without_line_ends(it):
    return it.rest.lstrip(CRLF)


def with_single_blanks(it):
    return re.sub(rb"\A([^ \r\n]+) +([^ \r\n]+) +(?=\w)", rb"\1 \2 ", it.rest)


def as_http(it):
    return re.sub(rb"\A([^ ]+ [^ ]+ )(?:RTSP|ICE)/", rb"\1HTTP/", it.rest)


def without_expectation(it):
    expected = [value.lower() for value in it.values(b"expect")]
    is_fine = expected[-1:] in ([b""], [b"100-continue"])
    return re.sub(rb"(?im)^expect:.*\n", b"", it.rest, count=1) if is_fine else it.rest


def with_lines(it, change):
    """The bytes with `change` made to the size line of each chunk."""
    made, after = [], 0
    for start, end in it.chunks[0] if it.is_chunked else []:
        made += [it.rest[after:start], change(it.rest[start:end])]
        after = end
    return b"".join([*made, it.rest[after:]])


def without_leading_zeros(it):
    if it.is_chunked:
        return with_lines(it, lambda line: re.sub(rb"\A0+(?=[0-9a-fA-F])", b"", line))
    return re.sub(rb"(?im)^(content-length:[ \t]*)0+(?=\d)", rb"\1", it.rest)


def with_shorter_fields(it):
    return re.sub(rb"(?m)^(?=[^\r\n]{8000,8192}\r\n)([\w-]+:[^\r\n]{100})[^\r\n]+", rb"\1", it.rest)


def without_extensions(it):
    return with_lines(it, lambda line: re.sub(rb";.*\r", b"\r", line) if CHUNK.fullmatch(line.rstrip(CRLF)) else line)


def without_trailers(it):
    start, length = it.chunks[1], len(it.trailers)
    return it.rest[:start] + CRLF + it.rest[start + length :] if TRAILERS.fullmatch(it.trailers) else it.rest


def without_content(it):
    framing = rb"(?im)^(?:content-length|transfer-encoding):.*\n"
    return re.sub(framing, b"", it.head) if it.words[0] == b"CONNECT" and not it.is_cut else it.rest


def refusing(name, whose, matches, why, example):
    return Known(name, whose, lambda it: it.ours == REFUSED and matches(it), why, example)


def taking(name, whose, repaired, why, example):
    def matches(it):
        return it.ours != REFUSED and repaired(it) != it.rest and same(it.us([repaired(it)])[0], it.ours)

    return Known(name, whose, matches, why, example, repaired)


def is_taken_as_http(it):
    """Whether we or the other reader take it as HTTP. llhttp keeps some methods for RTSP alone."""
    sent = as_http(it)
    return (
        sent != it.rest
        and it.ours != REFUSED
        and (same(it.us([sent])[0], it.ours) or same(it.them(sent)[0][0], it.ours))
    )


def is_only_too_long_a_line(it):
    method, target, *_ = [*it.words, b""]
    is_the_same = it.ours == WAITS or (it.ours[:2] == (method.decode("latin-1"), target.decode("latin-1")))
    return it.theirs == REFUSED and is_the_same and len(target) <= 8190 < len(b" ".join(it.words))


def closing(name, whose, matches, why, example):
    """We close where the other reader goes on, so we read less than it does."""
    return Known(name, whose, lambda it: it.ours == END and matches(it.before), why, example)


def keeping(name, whose, matches, why, example):
    """The other reader closes where we go on. The bytes after that are compared again by themselves."""
    return Known(name, whose, lambda it: it.theirs == END and matches(it.before), why, example, lambda it: it.rest)


def has_close_behind_chunks(before):
    return b"transfer-encoding" in before.lower() and b"close" in options(before.partition(b"\r\n\r\n")[2])


def is_kept_alive(before):
    head = before.partition(b"\r\n\r\n")[0]
    closes = b"close" in options(re.sub(rb"(?im)^proxy-connection", b"", head))
    return b"HTTP/1.0" in head and b"keep-alive" in options(head) and not closes


BOTH, GUNICORN, H11 = "gunicorn h11", "gunicorn", "h11"
GET, POST = b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED, LAST = POST + b"Transfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"
NEXT, PREFACE = GET + CRLF, b"PRI * HTTP/2.0\r\n\r\n"

CLASSES = [
    refusing(
        "an unknown method",
        BOTH,
        has_unknown_method,
        "llhttp knows the registered methods only",
        b"NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    refusing(
        "another version",
        BOTH,
        has_another_version,
        "we speak HTTP/1.0 and HTTP/1.1; the others take further digits, and answer as if they knew them",
        b"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
    ),
    refusing(
        "an odd target",
        BOTH,
        has_odd_target,
        "RFC 9112, 3.2: a path, a URL or, of all for OPTIONS; h11 takes any characters, gunicorn any with ://",
        b"GET 1a://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    refusing(
        "no host", GUNICORN, has_no_host, "RFC 9112, 3.2: 400; gunicorn does not ask for one", b"GET / HTTP/1.1\r\n\r\n"
    ),
    refusing(
        "two types",
        H11,
        lambda it: len(it.values(b"content-type")) > 1,
        "RFC 9110, 5.3: two readers could believe two of them",
        GET + b"Content-Type: a\r\nContent-Type: b\r\n\r\n",
    ),
    refusing(
        "another expectation",
        H11,
        has_another_expectation,
        "RFC 9110, 10.1.1: 417 to what is no 100-continue; h11 leaves it to its user",
        GET + b"Expect: miracles\r\n\r\n",
    ),
    refusing(
        "too much",
        BOTH,
        has_too_much,
        "we take 100 fields, 8,190 bytes of one, and 64 KiB; h11 has other limits",
        GET + (b"X: " + b"a" * 8000 + CRLF) * 9 + CRLF,
    ),
    refusing(
        "both lengths",
        H11,
        lambda it: it.is_chunked and it.values(b"content-length"),
        "RFC 9112, 6.3: it may be smuggling; h11 believes the chunks",
        CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n") + LAST,
    ),
    refusing(
        "chunks in HTTP/1.0",
        H11,
        lambda it: it.is_chunked and it.words[-1] == b"HTTP/1.0",
        "RFC 9112, 6.1: such framing is faulty",
        CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + LAST,
    ),
    refusing(
        "a length told twice",
        H11,
        lambda it: len(b",".join(it.values(b"content-length")).split(b",")) > 1,
        "RFC 9112, 6.3: 400, or to take them for one if all are the same, as h11 does",
        POST + b"Content-Length: 0, 0\r\n\r\n",
    ),
    refusing(
        "a bare line feed",
        H11,
        lambda it: it.has(rb"(?<!\r)\n"),
        "RFC 9112, 2.2: whoever wants may take it for a line end, as h11 does",
        b"GET / HTTP/1.1\nHost: a\n\n",
    ),
    refusing(
        "a folded line",
        H11,
        lambda it: it.has(rb"\n[ \t]"),
        "RFC 9112, 5.2: 400, or to unfold it, as h11 does",
        GET + b"X: a\r\n b\r\n\r\n",
    ),
    refusing(
        "a control character",
        H11,
        lambda it: it.has(rb"[\x01-\x08\x0e-\x1f\x7f]"),
        "RFC 9110, 5.5: no field holds one; to h11 there are cookies that do",
        GET + b"X: \x01\r\n\r\n",
    ),
    refusing(
        "framing behind the chunks",
        H11,
        lambda it: re.search(rb"(?im)^(?:content-length|transfer-encoding):", it.trailers),
        "RFC 9110, 6.5.1: a trailer must not say how long the message is",
        CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n",
    ),
    refusing(
        "a chunk's line",
        BOTH,
        has_odd_chunk,
        "llhttp takes no blanks there, and no size past 64 bits; h11 takes any extension",
        CHUNKED + b"1;a =b\r\na\r\n0\r\n\r\n",
    ),
    refusing(
        "a tab behind chunked",
        BOTH,
        lambda it: it.has(rb"(?i)chunked ?\t"),
        "llhttp takes blanks only, so chunked is not the last coding",
        CHUNKED.replace(b"chunked", b"chunked\t") + LAST,
    ),
    refusing(
        "refused earlier",
        BOTH,
        lambda it: it.theirs == WAITS and is_refused_when_whole(lambda sent: it.them(sent)[0], it),
        "the others look at a head, or at a chunk's line, when it is whole; whatever follows, they refuse it too",
        GET + b"X: \0",
    ),
    taking(
        "empty lines",
        BOTH,
        without_line_ends,
        "RFC 9112, 2.2: at least one CRLF is ignored, and llhttp ignores them all, and their halves",
        b"\r\n\r\n" + NEXT,
    ),
    taking(
        "several blanks",
        BOTH,
        with_single_blanks,
        "RFC 9112, 3: whoever wants may part the first line at all of them, as llhttp does",
        b"GET  /  HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    Known(
        "RTSP or ICE",
        BOTH,
        is_taken_as_http,
        "llhttp reads these too, by the same rules; no proxy hands them on",
        b"GET / RTSP/1.1\r\nHost: a\r\n\r\n",
        as_http,
    ),
    taking(
        "an expectation of nothing",
        GUNICORN,
        without_expectation,
        "RFC 9110, 10.1.1: 417 is a may; of two the last counts here, and gunicorn refuses an empty one",
        GET + b"Expect:\r\n\r\n",
    ),
    taking(
        "leading zeros",
        H11,
        without_leading_zeros,
        "a number is the same with them; h11 takes 20 digits",
        POST + b"Content-Length: 000000000000000000001\r\n\r\na",
    ),
    taking(
        "almost too much",
        GUNICORN,
        with_shorter_fields,
        "gunicorn counts a colon, a blank and a line end too",
        GET + b"X: " + b"a" * 8187 + b"\r\n\r\n",
    ),
    taking(
        "an extension of a chunk",
        GUNICORN,
        without_extensions,
        "nobody reads it; llhttp takes one without a name, or without the value that it announces",
        CHUNKED + b"1;;a\r\na\r\n0;=\r\n\r\n",
    ),
    taking(
        "a trailer",
        GUNICORN,
        without_trailers,
        "nobody reads it; gunicorn refuses names that would matter in a head",
        CHUNKED + b"0\r\nHost: b\r\n\r\n",
    ),
    taking(
        "content of CONNECT",
        BOTH,
        without_content,
        "RFC 9110, 9.3.6: it has none, and the connection ends with it",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na",
    ),
    Known(
        "almost too long a line",
        GUNICORN,
        is_only_too_long_a_line,
        "we count the target, gunicorn the whole line",
        b"GET /" + b"a" * 8180 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    closing(
        "a close among others",
        GUNICORN,
        lambda before: b"close" in options(before.partition(b"\r\n\r\n")[0]),
        "RFC 9112, 9.3; gunicorn knows Connection as one word",
        GET + b"Connection: close, TE\r\n\r\n" + NEXT,
    ),
    closing(
        "Proxy-Connection",
        H11,
        lambda before: b"close" in values(before.lower(), b"proxy-connection"),
        "to llhttp it is another name of Connection",
        GET + b"Proxy-Connection: close\r\n\r\n" + NEXT,
    ),
    closing(
        "a close behind the chunks",
        BOTH,
        has_close_behind_chunks,
        "llhttp believes it in a trailer too",
        CHUNKED + b"0\r\nConnection: close\r\n\r\n" + NEXT,
    ),
    closing(
        "CONNECT",
        H11,
        lambda before: before.startswith(b"CONNECT "),
        "RFC 9931, 8: what follows is never a request; h11 goes on when it is refused",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT,
    ),
    keeping(
        "HTTP/1.0 kept alive",
        BOTH,
        is_kept_alive,
        "RFC 9112, 9.3; h11 always closes, and gunicorn where keep-alive is one of two options",
        b"GET / HTTP/1.0\r\nConnection: keep-alive, TE\r\n\r\n" + NEXT,
    ),
    Known(
        "the preface of HTTP/2",
        H11,
        lambda it: it.ours == WAITS and (PREFACE + b"SM\r\n\r\n").startswith(it.rest.lstrip(CRLF)),
        "llhttp waits for all of it, and then it is refused",
        PREFACE + b"SM",
    ),
    Known(
        "refused later",
        GUNICORN,
        lambda it: (it.ours, it.theirs) == (WAITS, REFUSED) and is_refused_when_whole(lambda sent: it.us([sent]), it),
        "it looks at a line when it is whole, llhttp at a head, and whatever follows, we refuse it too",
        b"GET / HTTP/2.0\r\nHost: a",
    ),
]
