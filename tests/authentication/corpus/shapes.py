"""What is no token: the number of its parts, its base64 and its size."""

import json
import zlib

from tests.authentication.corpus.building import (
    changed,
    headed,
    in_plain_base64,
    inserted,
    padded,
    valid,
    with_parts,
    with_payload,
    with_spare_bits,
    with_unused_bits,
)
from tests.authentication.corpus.reasons import BAD_SIGNATURE, MALFORMED, UNKNOWN_KEY
from tests.authentication.tokens import claims, header, key, part, sign, with_signature

ENCRYPTED = ".".join(map(part, ({"alg": "dir", "enc": "A256GCM"}, b"", b"iv" * 6, b"ciphertext", b"tag" * 5)))

SHAPES = {
    "zip with a compressed payload": (
        lambda: sign(zlib.compress(json.dumps(claims()).encode()), key("EdDSA"), zip="DEF"),
        MALFORMED,
    ),
    "zip with a plain payload": (lambda: headed(zip="DEF"), MALFORMED),
    "a token in a token": (lambda: sign(valid().encode(), key("EdDSA"), cty="JWT"), MALFORMED),
    "a token in a token, as JSON": (lambda: sign(json.dumps(valid()).encode(), key("EdDSA"), cty="JWT"), MALFORMED),
    "encrypted": (lambda: ENCRYPTED, MALFORMED),
    "encrypted, and named JWT": (lambda: ENCRYPTED.replace(".", f".{part(claims())}", 1), MALFORMED),
    "one dot": (lambda: ".", MALFORMED),
    "two dots": (lambda: "..", MALFORMED),
    "three dots": (lambda: "...", MALFORMED),
    "five dots": (lambda: ".....", MALFORMED),
    "no dot": (lambda: valid().replace(".", ""), MALFORMED),
    "the header alone": (lambda: valid().split(".")[0], MALFORMED),
    "two parts": (lambda: valid().rpartition(".")[0], MALFORMED),
    "a dot before": (lambda: "." + valid(), MALFORMED),
    "a dot after": (lambda: valid() + ".", MALFORMED),
    "four parts": (lambda: valid() + ".e30", MALFORMED),
    "the header twice": (lambda: valid().split(".")[0] + "." + valid(), MALFORMED),
    "an empty header": (lambda: changed(0, lambda _: ""), MALFORMED),
    "an empty payload": (lambda: with_payload(b""), MALFORMED),
    "JSON itself": (lambda: json.dumps(claims()), MALFORMED),
    "the JSON serialization of JWS": (
        lambda: json.dumps(dict(zip(("protected", "payload", "signature"), valid().split("."), strict=True))),
        MALFORMED,
    ),
}

ENCODINGS = {
    "white space within": (lambda: inserted(" "), MALFORMED),
    "a line end within": (lambda: inserted("\n"), MALFORMED),
    "a line end after": (lambda: valid() + "\n", MALFORMED),
    "a form feed after": (lambda: valid() + "\f", MALFORMED),
    "a no-break space after": (lambda: valid() + "\xa0", MALFORMED),
    "non-ASCII within": (lambda: inserted("\xe9"), MALFORMED),
    "non-ASCII after the signature": (lambda: valid() + "\xff", MALFORMED),
    "NUL within": (lambda: inserted("\0"), MALFORMED),
    "percent encoding": (lambda: valid().replace(".", "%2E"), MALFORMED),
    "a header of plain base64": (
        lambda: with_parts(header_part=part(header(key("EdDSA"), x="?>?>?>")).replace("_", "/").replace("-", "+")),
        MALFORMED,
    ),
    "a payload of plain base64": (lambda: in_plain_base64(1), MALFORMED),
    "a signature of plain base64": (lambda: in_plain_base64(2), MALFORMED),
    "a padded header, signed so": (lambda: with_parts(header_part=padded(part(header(key("EdDSA"))))), MALFORMED),
    "a padded payload, signed so": (lambda: with_parts(payload_part=padded(with_unused_bits(claims()))), MALFORMED),
    "a padded signature": (lambda: changed(2, padded), MALFORMED),
    "too much padding": (lambda: changed(2, lambda text: text + "===="), MALFORMED),
    "spare bits in the signature": (lambda: changed(2, with_spare_bits), MALFORMED),
    "spare bits in the payload, signed so": (
        lambda: with_parts(payload_part=with_spare_bits(with_unused_bits(claims()))),
        MALFORMED,
    ),
    "a signature of a length that base64 does not have": (lambda: changed(2, lambda text: text + "AAA"), MALFORMED),
}

SIZES = {
    "100 KB of a letter": (lambda: "a" * 100_000, MALFORMED),
    "100 KB of dots": (lambda: "." * 100_000, MALFORMED),
    "100 KB of letters and dots": (lambda: "a." * 50_000, MALFORMED),
    "100 KB in three parts": (lambda: ".".join(["a" * 33_000] * 3), MALFORMED),
    "100 KB of header": (lambda: headed(x="a" * 100_000, kid="other"), UNKNOWN_KEY),
    "100 KB of payload by another key": (
        lambda: sign(claims(x="a" * 100_000), key("EdDSA", "forged"), kid="eddsa"),
        BAD_SIGNATURE,
    ),
    "100 KB of signature": (lambda: with_signature(valid(), b"a" * 75_000), BAD_SIGNATURE),
}
