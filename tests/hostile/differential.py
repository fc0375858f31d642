"""Compares our reader of requests with gunicorn's and h11's: how each understands the same bytes, whole and cut.

`python -m tests.hostile.differential 500000 [SEED]` is the long version of test_differential.py. Sizes near the
limits of a head and of a body's framing are left out: our reader counts these by pieces, so the cuts matter there.
"""

import faulthandler
import signal
import sys
import time
from collections import Counter
from functools import partial
from itertools import pairwise, zip_longest
from random import Random

import h11
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

from tests.hostile.corpus import bodies, framing, headers, targets
from tests.hostile.disagreements import CLASSES, END, REFUSED, WAITS, Disagreement, Understood, same
from tests.hostile.generator import ILL_FRAMED, LENGTHS, TRANSFERS, WELL_FRAMED, mutated, too_large
from todo_project.server.reader import RequestReader
from todo_project.server.request import MalformedBody
from todo_project.settings import MAX_BODY_BYTES

# The limit of processor time for one reading; a busy machine does not add to it. The largest takes a few milliseconds.
SECONDS = 1
# The limit of real time for a thousand inputs: the signal after SECONDS cannot interrupt code that is not Python.
PATIENCE = 300


# The inputs: requests by their grammar with some odd parts, joined to pipelines, with some bytes changed.


def each(*lines):
    """The parts of all lines. A bar with a blank on either side separates two parts."""
    return [part for line in lines for part in line.split(b" | ")]


METHODS = each(b"GET | POST | PUT | DELETE | PATCH | HEAD | OPTIONS")
ODD_METHODS = each(
    b"CONNECT | CONNECT | TRACE | QUERY | PROPFIND | M-SEARCH | SOURCE | PRI | DESCRIBE | SETUP | FLUSH | NONSENSE",
    b"get | Get | GETT | GE | G(T | G\tT | \rGET | HTTP/1.1 | A!$&'*+. | AAAAAAAAAAAAAAAAAAAAA | ",
)
TARGETS = each(b"/ | /api/a/tasks | /api/a/tasks?a=b&c=%20 | /health")
ODD_TARGETS = each(
    b"* | *x | a | a:80 | ?a | //a/b | /a#b | /a?b?c#d#e | /% | /\xff | /\x7f | /a\tb | /a b | /\0 | [::1]:80 | /a/*",
    b"http://a/b | http://a | http:/a | http://[::1/b | http://a@b@c/ | a+b://c/ | 1a://c/ | ://a | http://a@@b | /[",
    b'# | /"<>\\^`{|} | http://a|b/ | /%s | /%s | ' % (b"a" * 8186, b"a" * 8190),
)
VERSIONS = each(b"HTTP/1.1 | HTTP/1.1 | HTTP/1.1 | HTTP/1.1 | HTTP/1.0")
ODD_VERSIONS = each(
    b"HTTP/1.2 | HTTP/1.9 | HTTP/2.0 | HTTP/0.9 | HTTP/1 | HTTP/01.1 | HTTP/1.10 | http/1.1 | HTTP/1,1 | HTTP/1.1\t",
    b"RTSP/1.0 | RTSP/1.1 | ICE/1.0 | ICE/1.1 | ICY/1.1 | HTTP /1.1 | HTTP/1.1 a | ",
)
BLANKS = [b" "]
ODD_BLANKS = [b"  ", b"   ", b"\t", b" \t", b"\x0b", b"\x0c", b"", b"\r"]
HOSTS = [b"Host: localhost"]
ODD_HOSTS = each(
    b"Host: | Host: a\r\nHost: a | HOST: a\r\nHost: b | Host : a | hOST:\ta\t | Host: a, b | Host: \xff | ",
)
CONNECTIONS = each(
    b"close | keep-alive | Close | Keep-Alive | close, TE | TE, close | keep-alive, close | close, keep-alive",
    b"\tclose\t | ,close | closed | close x | a,\tclose | keep-alive, TE | Upgrade | upgrade, HTTP2-Settings",
    b'close\r\nConnection: a | "close" | keep-alive\r\nProxy-Connection: close | close\tx | a close | keep-alive\t',
    b"keep-alive\r\nConnection: close | close\r\nConnection: keep-alive",
)
FIELDS = each(
    b"X-Y: 1 | X-Y: | X-Y:\t1\t | X-Y: a  b | X_Y: 1 | Content_Length: 5 | Transfer_Encoding: chunked | X-Y: \x80\xff",
    b": 1 | X-Y : 1 | X-Y\t: 1 | X Y: 1 | nonsense |  X-Y: 1 | X-Y: 1\r\n 2 | X-Y: 1\r\n\t | X-Y:\r\n 1 | (: 1",
    b"X\0: 1 | X\xff: 1 | X: a\nX-Z: b | X: a\rX-Z: b | X: a\0 | X: \x01 | X: \x7f | X:\x0b1 | X: a\r | X: 1\r\n\nX: 1",
    b"Upgrade: h2c | Upgrade: | uPGRADE: a | HTTP2-Settings: AAMA | Upgrade: h2c\r\nConnection: Upgrade | Trailer: X-Y",
    b"Upgrade: a\r\nConnection: upgrade\r\nUpgrade: b | Expect: 100-continue | Expect: 100-Continue | Expect: miracles",
    b"Expect: | Expect: a\r\nExpect: 100-continue | Content-Type: a/b | Content-Type: a\r\nContent-Type: a",
    b"TE: trailers | Proxy-Connection: close | Proxy-Connection: keep-alive | Keep-Alive: timeout=5 | Cookie: \xff=;,",
    b"X-Y: %s | X-Y: %s | X-Y: %s" % (b"a" * 8180, b"a" * 8186, b"a" * 8190),
)
LENGTH = [b"Content-Length"]
ODD_LENGTHS = each(
    b"content-length | Content-Length\t | \x0bContent-Length | Content_Length | Content-Length\0 | Content-Length ",
)
TRANSFER = [b"Transfer-Encoding"]
ODD_TRANSFERS = each(
    b"transfer-encoding | Transfer-Encoding\t | Transfer_Encoding | \tTransfer-Encoding | X: a\r\n Transfer-Encoding",
)
CODINGS = each(b"chunked | Chunked")
ODD_CODINGS = [
    *map(str.encode, TRANSFERS),
    *each(b"chunked\t | chunked  | ,chunked | chunked, | chunked;a=b | ch\xfanked | chunked\x0b | chunked,\tchunked"),
]
SIZES = each(b"%x | %X | %04x")
ODD_SIZES = each(
    b"0x%x | +%x | -%x |  %x | %x  | %x\t | %x_ | %x.0 | f%x | 1%015x | 1%016x | %030x | %x 1 | %x\0 | %x,",
)
EXTENSIONS = each(
    b' | ; | ;a | ;a=b | ;a="b;c" | ; a |  ;a | ;a =b | ;a= b | ;;a | ;=b | ;a= | ;a="b | ;a=b"c" | ;a="\\"" | ;a\rb',
    b';a\nb | ;\xff | ;a=\xff | ;a="\xff" | ;a\0 | ;a;b=c | ;a\t | ;a=b  | ;a="\x01" | ;a(b | ;a="\\',
)
LAST = [b"0"]
ODD_LAST = each(b"00 | -0 | 0  | 0x0 | 00000000000000000000000 | 1 | ")
TRAILERS = each(
    b"X-Y: 1 | X-Y: | Content-Length: 5 | Transfer-Encoding: chunked | Transfer-Encoding: | Host: b | TE: a | X_Y: 1",
    b"Connection: close | Connection: upgrade\r\nUpgrade: a |  X: 1 | X-Y: 1\r\n 2 | nonsense | X-Y: a\nb | X-Y: \0",
    b": 1 | X-Y : 1 | Content-Type: a\r\nContent-Type: b | Expect: miracles | Trailer: a | Connection: keep-alive",
    b"Authorization: a | GET / HTTP/1.1",
)
ENDS = [CRLF := b"\r\n"]
ODD_ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\r", b""]
BETWEEN = [b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"x", b"\0", b"\r\n\n", b"\r\n ", b"0\r\n\r\n"]
ROWS = [row[1] for rows in (bodies, targets, headers, framing) for part in rows.ROWS.values() for row in part]
KNOWN = [sent for sent in ROWS if len(sent) < 20_000]


class Maker:
    """Makes one request of usual parts and a share of odd parts. The share may be zero."""

    def __init__(self, random):
        self.random, self.odd = random, random.choice((0, 0, 0.05, 0.2))

    def pick(self, usual, odd, chance=1):
        return self.random.choice(odd if self.random.random() < self.odd * chance else usual)

    def request(self):
        pick, random = self.pick, self.random
        line = [pick(METHODS, ODD_METHODS), pick(BLANKS, ODD_BLANKS), pick(TARGETS, ODD_TARGETS)]
        line += [pick(BLANKS, ODD_BLANKS), pick(VERSIONS, ODD_VERSIONS)]
        framed, body = random.choice((self.nothing, self.nothing, self.length, self.chunks, self.chunks, self.both))()
        fields = [pick(HOSTS, ODD_HOSTS), *framed, *random.choices(FIELDS, k=random.randint(0, 2) if self.odd else 0)]
        if random.random() < 0.4:
            fields.append(b"Connection: " + random.choice(CONNECTIONS))
        random.shuffle(fields)
        end = pick(ENDS, ODD_ENDS, 0.2)
        return end.join([b"".join(line), *filter(None, fields)]) + end + pick([end], ODD_ENDS, 0.2) + body

    def nothing(self):
        return [], b""

    def length(self):
        body = self.random.choice((self.random.randbytes(self.random.choice((0, 1, 5, 14, 300))), self.known()[:300]))
        wrong = [*(length.encode("latin-1") for length in LENGTHS), b"%d" % (len(body) + self.random.randint(-3, 3))]
        return [self.pick(LENGTH, ODD_LENGTHS) + b": " + self.pick([b"%d" % len(body)], wrong)], body

    def chunks(self):
        pick, random = self.pick, self.random
        field = pick(TRANSFER, ODD_TRANSFERS) + b": " + pick(CODINGS, ODD_CODINGS)
        trailers = b"".join(line + CRLF for line in random.choices(TRAILERS, k=max(0, random.randint(-2, 2))))
        parts = [self.chunk() for _ in range(random.randint(0, 3))]
        return [field], b"".join([*parts, pick(LAST, ODD_LAST), self.extension(), CRLF, trailers, pick(ENDS, ODD_ENDS)])

    def chunk(self):
        data = self.random.randbytes(self.random.choice((1, 1, 5, 20, 300)))
        told = max(0, len(data) + self.pick([0], [-1, 1, 3]))
        return b"".join(
            [self.pick(SIZES, ODD_SIZES) % told, self.extension(), CRLF, data, self.pick(ENDS, [*ODD_ENDS, b"x"])]
        )

    def extension(self):
        return self.random.choice(EXTENSIONS) if self.random.random() < 0.2 else b""

    def both(self):
        (first, body), (second, other) = (self.random.choice((self.length, self.chunks))() for _ in range(2))
        return [*first, *second], self.random.choice((body, other))

    def known(self):
        """A request from the corpus or the generator, seldom a large one."""
        if self.random.random() < 0.01:
            return self.random.choice((too_large(self.random), self.random.choice(ROWS)))
        # All kinds but too_large and noise.
        makers = [lambda random: random.choice(KNOWN), *WELL_FRAMED, *ILL_FRAMED[:-2]]
        return self.random.choice(makers)(self.random)


def make(random):
    """What a client sends: one to three requests, sometimes with wrong bytes, sometimes cut short."""
    parts = [make_one(random) for _ in range(random.choice((1, 1, 1, 2, 2, 3)))]
    sent = (random.choice(BETWEEN) if random.random() < 0.15 else b"").join(parts)
    if random.random() < 0.05:
        sent += random.choice(BETWEEN)
    if random.random() < 0.3:
        sent = mutated(random, sent, 2)
    return sent[: random.randrange(len(sent) + 1)] if random.random() < 0.1 else sent


def make_one(random):
    maker = Maker(random)
    return maker.known() if random.random() < 0.15 else maker.request()


def cut(random, sent):
    """Cuts the bytes into single bytes, around line ends, or anywhere."""
    way = random.randrange(3)
    if way == 0 and len(sent) < 1000:
        places = range(len(sent))
    elif way == 1:
        ends = [place for place, byte in enumerate(sent) if byte in CRLF]
        places = {place + random.randint(0, 1) for place in random.sample(ends, min(len(ends), 20))}
    else:
        places = {random.randrange(len(sent) + 1) for _ in range(random.choice((1, 2, 5, 20)))}
    places = sorted({0, len(sent), *places})
    return [sent[start:end] for start, end in pairwise(places)]


# What each reader understands: a list of requests, and a word for what comes after the last.


def is_refused(fields):
    """Whether the application refuses the request. It is the same application behind all readers."""
    codings = ",".join(value for name, value in fields if name == "TRANSFER-ENCODING")
    lengths = [value for name, value in fields if name == "CONTENT-LENGTH"]
    return codings.lower() not in ("", "chunked") or int((lengths or "0")[-1]) > MAX_BODY_BYTES


def understood(request, goes_on):
    if is_refused(request.headers) or isinstance(request.body, MalformedBody):
        return REFUSED
    body = request.body.read(MAX_BODY_BYTES + 1)
    return REFUSED if len(body) > MAX_BODY_BYTES else Understood(request.method, request.uri, body, goes_on)


def answered(reader, piece):
    """Feeds the reader as a connection does: takes all requests that a piece completes before the next piece."""
    reader.feed(piece)
    while reader.requests:
        request = reader.requests.popleft()
        yield understood(request, request.keeps_alive)
        if request.should_close():
            reader.stop()
        reader.read_on()


def state_of(reader):
    if reader.is_over:
        return REFUSED if reader.refusal else END
    if reader.request and is_refused(reader.request.headers):
        return REFUSED
    return WAITS if reader.request or reader.size else END


def ours(pieces, reader_class=RequestReader):
    """What our reader understands. A piece of b"" is the client's end, and adds the word for the state before it."""
    reader, seen = reader_class(), []
    for piece in pieces:
        seen += [] if piece else [state_of(reader)]
        seen += answered(reader, piece)
        # A connection reads nothing after the last request.
        if reader.is_over:
            break
    return [*seen, state_of(reader)]


# The other readers' lists end at the first refusal. With each list comes where its messages begin.

CONFIG = Config()
CONFIG.set("limit_request_line", 8190)
CONFIG.set("forwarder_headers", "")
CONFIG.set("secure_scheme_headers", {})
CONFIG.set("forwarded_allow_ips", "*")


class StarvedError(Exception):
    pass


def until_starved(sent):
    yield sent
    raise StarvedError


def gunicorns(sent):
    parser, seen, starts = RequestParser(CONFIG, until_starved(sent), ("127.0.0.1", 1)), [], [0]
    try:
        while REFUSED not in seen:
            request = next(parser)
            seen.append(understood(request, not request.should_close()))
            starts.append(len(sent) - len(parser.unreader.buf.getvalue()))
    except StarvedError:
        seen.append(END if starts[-1] == len(sent) else WAITS)
    except StopIteration:
        seen.append(END)
    except ParseException:
        seen.append(REFUSED)
    return seen, starts


class H11:
    """h11 as the reader of a server that answers 404 to everything."""

    def __init__(self, sent):
        self.size, self.seen, self.starts = len(sent), [], [0]
        self.connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1024 * 1024)
        self.connection.receive_data(sent)

    def read(self):
        try:
            while self.take_request():
                pass
        except h11.RemoteProtocolError:
            self.seen.append(REFUSED)
        return self.seen, self.starts

    def take_request(self):
        """Takes one request. True where another may follow."""
        request = self.connection.next_event()
        if not isinstance(request, h11.Request):
            self.seen.append(END if self.starts[-1] == self.size else WAITS)
            return False
        length, body = dict(request.headers).get(b"content-length", b"0"), bytearray()
        while int(length) <= MAX_BODY_BYTES >= len(body):
            event = self.connection.next_event()
            if isinstance(event, h11.EndOfMessage):
                return self.answer(request, bytes(body))
            if not isinstance(event, h11.Data):
                self.seen.append(WAITS)
                return False
            body += event.data
        self.seen.append(REFUSED)
        return False

    def answer(self, request, body):
        self.connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
        self.connection.send(h11.EndOfMessage())
        goes_on = self.connection.our_state is h11.DONE
        self.seen.append(Understood(request.method.decode(), request.target.decode(), body, goes_on))
        self.starts.append(self.size - len(self.connection.trailing_data[0]))
        if goes_on:
            self.connection.start_next_cycle()
        else:
            self.seen.append(END)
        return goes_on


THEIRS = {"gunicorn": gunicorns, "h11": lambda sent: H11(sent).read()}


# The comparison


class FaultError(Exception):
    pass


def short(told):
    told = repr(told)
    return told if len(told) < 500 else f"{told[:250]}...{told[-250:]}"


def disagreement(sent, us, them):
    """The first message that the two readers understand differently, or None."""
    mine, (other, starts) = us([sent] if sent else []), them(sent)
    for place, (one, two) in enumerate(zip_longest(mine, other, fillvalue=END)):
        if not same(one, two):
            starts += [len(sent)] * (place + 1 - len(starts))
            before = sent[starts[place - 1] : starts[place]] if place else b""
            return Disagreement(one, two, before, sent[starts[place] :], us, them)
    return None


def explain(sent, name, us=ours):
    """The classes of all disagreements between us and the named reader. Raises FaultError for one without a class."""
    met = []
    while it := disagreement(sent, us, THEIRS[name]):
        known = next((known for known in CLASSES if name in known.whose and known.matches(it)), None)
        if not known:
            told = map(short, (it.ours, it.theirs, it.before, it.rest))
            raise FaultError(f"To us, to {name}, what came before, what it is, and known already {met}:", *told)
        met.append(known.name)
        if not known.repaired:
            break
        sent = known.repaired(it)
    return met


def limited(us, pieces):
    def stop(*_):
        raise FaultError(f"Not read within {SECONDS} s:", short(pieces))

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        return us(pieces)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def check(sent, pieces, reader_class=RequestReader):
    """The other reader's name and the class for each disagreement. Raises FaultError."""
    us = partial(ours, reader_class=reader_class)
    whole, parted = limited(us, [sent, b""]), limited(us, [*pieces, b""])
    if whole != parted:
        raise FaultError("Whole, cut, and the pieces:", *map(short, (whole, parted, pieces)))
    return [(name, known) for name in THEIRS for known in explain(sent, name, us)]


def run(count, seed=0, say=None, reader_class=RequestReader):
    """How often each class was met, and the faults. The seed and an input's number determine the input."""
    met, faults = Counter(), []
    for number in range(count):
        if number % 1000 == 0:
            faulthandler.dump_traceback_later(PATIENCE, exit=True, file=sys.__stderr__)
        random = Random(f"{seed} {number}")
        sent = make(random)
        try:
            met.update(check(sent, cut(random, sent), reader_class))
        except Exception as error:
            faults.append(f"{seed} {number}: {error!r}")
        if say and (number + 1) % 20_000 == 0:
            say(f"{number + 1} inputs, {len(faults)} faults {faults[:1]}")
    faulthandler.cancel_dump_traceback_later()
    return met, faults


def say(line):
    print(time.strftime("%H:%M:%S"), line, flush=True)


def main(count, seed=0):
    met, faults = run(int(count), seed, say)
    for known in CLASSES:
        print(f"{known.name:28}", *(f"{name} {met[name, known.name]:7}" for name in known.whose.split()), known.why)
    print(*faults[:20], f"{len(faults)} faults", sep="\n")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main(*sys.argv[1:])
