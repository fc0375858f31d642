"""How the corpus builds its tokens: each is valid but for one thing."""

import base64
import json
import time

from tests.authentication.tokens import (
    claims,
    header,
    key,
    part,
    sign,
    sign_parts,
    sign_with_secret,
    signature_of,
    with_signature,
)


def now():
    return int(time.time())


def valid(**changes):
    """A token of the user, with these changes to its claims."""
    return sign(claims(**changes), key("EdDSA"))


def headed(**changes):
    """The same with changes to its header."""
    return sign(claims(), key("EdDSA"), **changes)


def forged(**changes):
    """Signed with a key that is not in the set, under the id of one that is."""
    return sign(claims(), key("EdDSA", "forged"), **{"kid": "eddsa"} | changes)


def confused(secret, digest="sha256", **changes):
    """An HMAC, with something public for its secret: valid where a public key passes for a shared secret."""
    return sign_with_secret(claims(), secret, digest, **{"kid": "eddsa"} | changes)


# Signed as they are, with these bytes or this text in place of a header or a payload


def with_header(data):
    return with_parts(header_part=part(data))


def with_payload(data):
    return with_parts(payload_part=part(data))


def with_parts(header_part=None, payload_part=None):
    usual = part(header(key("EdDSA"))), part(claims())
    parts = [
        default if given is None else given for given, default in zip((header_part, payload_part), usual, strict=True)
    ]
    return sign_parts(*parts, key("EdDSA"))


def json_header(more):
    """The bytes of a valid header, and the text of further members behind."""
    return json.dumps(header(key("EdDSA")))[:-1].encode() + b", " + more + b"}"


def json_claims(more):
    return json.dumps(claims())[:-1].encode() + b", " + more + b"}"


def brackets(depth):
    return b"[" * depth + b"]" * depth


# Changed after they were signed


def changed(place, change):
    """A valid token, with a change to the text of one of its three parts."""
    parts = valid().split(".")
    parts[place] = change(parts[place])
    return ".".join(parts)


def inserted(text):
    return changed(1, lambda payload: payload[:9] + text + payload[9:])


def with_another_payload(token):
    head, _, signature = token.split(".")
    return f"{head}.{part(claims(jti='another'))}.{signature}"


def longer(token):
    return with_signature(token, signature_of(token) + b"\0")


# Base64


def padded(encoded):
    return encoded + "=" * (-len(encoded) % 4 or 4)


def with_spare_bits(encoded):
    """Another text for the same bytes: one of the bits that its last letter leaves unused is set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = encoded[:-1] + alphabet[alphabet.index(encoded[-1]) ^ 1]
    missing = "=" * (-len(encoded) % 4)
    assert base64.urlsafe_b64decode(other + missing) == base64.urlsafe_b64decode(encoded + missing)
    return other


def with_unused_bits(value):
    """The base64 of JSON that leaves bits unused."""
    data = json.dumps(value).encode()
    return part(data + b" " * ((1 - len(data)) % 3))


def in_plain_base64(place):
    """A valid token, with one part in the alphabet of base64 that is not for URLs."""
    tokens = (valid(jti=f"?>?>?>{number}") for number in range(1000))
    parts = next(token for token in tokens if {"-", "_"} & set(token.split(".")[place])).split(".")
    parts[place] = parts[place].replace("-", "+").replace("_", "/")
    return ".".join(parts)
