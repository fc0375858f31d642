"""Headers and payloads that are not the JSON of a JWT."""

import json

from tests.authentication.corpus.building import brackets, json_claims, json_header, with_header, with_payload
from tests.authentication.corpus.reasons import EXPIRED, MALFORMED, NO_EXPIRY, NO_SUBJECT, NOT_ALLOWED, UNKNOWN_KEY
from tests.authentication.tokens import claims

JSON = {
    "a header that is a list": (lambda: with_header(b'["EdDSA"]'), MALFORMED),
    "a header that is a number": (lambda: with_header(b"1"), MALFORMED),
    "a header that is text": (lambda: with_header(b'"alg"'), MALFORMED),
    "a header that is null": (lambda: with_header(b"null"), MALFORMED),
    "a header that is empty": (lambda: with_header(b"{}"), NOT_ALLOWED),
    "a header that is no JSON": (lambda: with_header(b"alg=EdDSA"), MALFORMED),
    "a header in single quotes": (lambda: with_header(b"{'alg': 'EdDSA'}"), MALFORMED),
    "a header with bytes that are not UTF-8": (lambda: with_header(json_header(b'"x": "\xff"')), MALFORMED),
    "a header with a number of 5,000 digits": (lambda: with_header(json_header(b'"x": ' + b"9" * 5000)), MALFORMED),
    "a header with 100,000 brackets": (lambda: with_header(json_header(b'"x": ' + brackets(50_000))), MALFORMED),
    "a header of 100,000 brackets alone": (lambda: with_header(brackets(50_000)), MALFORMED),
    "a header of brackets that do not close": (lambda: with_header(b"[" * 100_000), MALFORMED),
    "a header that says kid twice": (
        lambda: with_header(b'{"alg": "EdDSA", "kid": "eddsa", "kid": "other"}'),
        UNKNOWN_KEY,
    ),
    "a payload that is a list": (lambda: with_payload(b"[1]"), MALFORMED),
    "a payload that is a number": (lambda: with_payload(b"1"), MALFORMED),
    "a payload that is text": (lambda: with_payload(b'"sub"'), MALFORMED),
    "a payload that is null": (lambda: with_payload(b"null"), MALFORMED),
    "a payload that is empty": (lambda: with_payload(b"{}"), NO_EXPIRY),
    "a payload that is no JSON": (lambda: with_payload(b"sub=owner"), MALFORMED),
    "a payload cut short": (lambda: with_payload(json.dumps(claims()).encode()[:-1]), MALFORMED),
    "a payload with more behind it": (lambda: with_payload(json.dumps(claims()).encode() + b"{}"), MALFORMED),
    "a payload with bytes that are not UTF-8": (lambda: with_payload(json_claims(b'"x": "\xff"')), MALFORMED),
    "a payload with NUL behind it": (lambda: with_payload(json.dumps(claims()).encode() + b"\0"), MALFORMED),
    "a payload with a number of 5,000 digits": (lambda: with_payload(json_claims(b'"x": ' + b"9" * 5000)), MALFORMED),
    "a payload with 100,000 brackets": (lambda: with_payload(json_claims(b'"x": ' + brackets(50_000))), MALFORMED),
    "a payload of 100,000 brackets alone": (lambda: with_payload(brackets(50_000)), MALFORMED),
    "a payload with 100,000 objects": (
        lambda: with_payload(json_claims(b'"x": ' + b'{"x":' * 100_000 + b"1" + b"}" * 100_000)),
        MALFORMED,
    ),
    "a payload that says exp twice": (lambda: with_payload(json_claims(b'"exp": 1')), EXPIRED),
    "a payload that says sub twice": (lambda: with_payload(json_claims(b'"sub": ""')), NO_SUBJECT),
}
