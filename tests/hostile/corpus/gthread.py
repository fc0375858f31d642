"""Where gunicorn's own worker answers differently. Each row: the status, the shape, and why."""

from tests.hostile.corpus.bodies import TOO_LARGE_DETAIL
from tests.hostile.corpus.targets import not_allowed
from tests.support.wire import BAD_HOST, REFUSED

ANY_METHOD = "llhttp knows the registered methods, gunicorn takes any token of 3 to 20 capitals"
NO_INTEGER = "to llhttp a length is one of 64 bits, to gunicorn one that Python reads"

DIFFERENCES = {
    "method: an unknown method": (405, not_allowed("NONSENSE"), ANY_METHOD),
    "method: a method of special characters": (405, not_allowed("A!$&'*+.^_`|~"), ANY_METHOD),
    "host: no host": (
        400,
        BAD_HOST,
        "gunicorn does not ask for a Host, and Django refuses the empty one that the request is given",
    ),
    "line: HTTP/1.2": (200, [], "gunicorn takes any HTTP/1.x, and answers with the same"),
    "length: a length of 4,000 digits": (413, TOO_LARGE_DETAIL, NO_INTEGER),
    "length: a length of 5,000 digits": (400, REFUSED, NO_INTEGER),
    "length: 65,000 zeros and an x": (431, REFUSED, "gunicorn sees the size of a field first, llhttp its digits"),
    "transfer: an unknown coding": (501, REFUSED, "gunicorn's status for it"),
    "transfer: a size past 64 bits": (422, ["body json_invalid"], NO_INTEGER),
    "transfer: a size line without an end": (422, ["body json_invalid"], NO_INTEGER),
}
