"""Headers that name an algorithm other than the one that the key is for."""

import itertools
import json

from tests.authentication.corpus.building import confused, headed, with_header
from tests.authentication.corpus.reasons import BAD_SIGNATURE, MALFORMED, NOT_ALLOWED, UNKNOWN_KEY
from tests.authentication.tokens import LEFT_OUT, claims, header, key, part, sign, sign_parts


def unsigned(alg):
    return f"{part(header(key('EdDSA'), alg=alg))}.{part(claims())}."


# `none` in every case.
NONES = ["".join(letters) for letters in itertools.product("nN", "oO", "nN", "eE")]
NO_ALGORITHM = {
    **{f"alg {alg}, unsigned": (lambda alg=alg: unsigned(alg), MALFORMED) for alg in NONES},
    **{f"alg {alg}, with a signature": (lambda alg=alg: headed(alg=alg), NOT_ALLOWED) for alg in NONES},
    "alg none and a space": (lambda: headed(alg="none "), NOT_ALLOWED),
    "alg none and NUL": (lambda: headed(alg="none\0"), NOT_ALLOWED),
    "alg none without a kid": (lambda: headed(alg="none", kid=LEFT_OUT), NOT_ALLOWED),
    "alg none without the last dot": (lambda: unsigned("none")[:-1], MALFORMED),
    "alg none, then the right one": (
        lambda: with_header(b'{"alg": "EdDSA", "kid": "eddsa", "alg": "none"}'),
        NOT_ALLOWED,
    ),
    "alg missing": (lambda: headed(alg=LEFT_OUT), NOT_ALLOWED),
    "alg empty": (lambda: headed(alg=""), NOT_ALLOWED),
    "alg null": (lambda: headed(alg=None), NOT_ALLOWED),
    "alg a list": (lambda: headed(alg=["EdDSA"]), NOT_ALLOWED),
    "alg an object": (lambda: headed(alg={"EdDSA": "EdDSA"}), NOT_ALLOWED),
    "alg a number": (lambda: headed(alg=1), NOT_ALLOWED),
    "alg true": (lambda: headed(alg=True), NOT_ALLOWED),
}

OTHER_ALGORITHM = {
    "HS256 with the public key as PEM": (lambda: confused(key("EdDSA").pem), NOT_ALLOWED),
    "HS256 with the PEM, stripped": (lambda: confused(key("EdDSA").pem.strip()), NOT_ALLOWED),
    "HS256 with the public key as DER": (lambda: confused(key("EdDSA").der), NOT_ALLOWED),
    "HS256 with the public key raw": (lambda: confused(key("EdDSA").public.public_bytes_raw()), NOT_ALLOWED),
    "HS256 with the JWK's text": (lambda: confused(json.dumps(key("EdDSA").jwk).encode()), NOT_ALLOWED),
    "HS256 with the JWK's x": (lambda: confused(key("EdDSA").jwk["x"].encode()), NOT_ALLOWED),
    "HS256 with the RSA key as PEM": (lambda: confused(key("PS256").pem, kid="ps256"), NOT_ALLOWED),
    "HS384 with the public key as PEM": (lambda: confused(key("EdDSA").pem, "sha384", alg="HS384"), NOT_ALLOWED),
    "HS512 with the public key as PEM": (lambda: confused(key("EdDSA").pem, "sha512", alg="HS512"), NOT_ALLOWED),
    "HS256 without a kid": (lambda: confused(key("EdDSA").pem, kid=LEFT_OUT), NOT_ALLOWED),
    "HS256 with an empty secret": (lambda: confused(b"", kid="../../../../dev/null"), NOT_ALLOWED),
    "RS256, a key in the set that the settings do not allow": (lambda: sign(claims(), key("RS256")), NOT_ALLOWED),
    "RS256 for a key that is for PS256 alone": (
        lambda: sign_parts(part(header(key("PS256"), alg="RS256")), part(claims()), key("PS256"), "RS256"),
        NOT_ALLOWED,
    ),
    "PS256 for a key that the settings do not allow": (
        lambda: sign_parts(part(header(key("RS256"), alg="PS256")), part(claims()), key("RS256"), "PS256"),
        UNKNOWN_KEY,
    ),
    "PS384 with an RSA key": (
        lambda: sign_parts(part(header(key("PS256"), alg="PS384")), part(claims()), key("PS256"), "PS384"),
        NOT_ALLOWED,
    ),
    "ES384 with a signature of P-256": (lambda: sign(claims(), key("ES256"), alg="ES384"), NOT_ALLOWED),
    "ES256 with a signature of P-384": (lambda: sign(claims(), key("ES384"), alg="ES256"), NOT_ALLOWED),
    "ES256 for the key of EdDSA": (lambda: sign(claims(), key("ES256"), kid="eddsa"), NOT_ALLOWED),
    "EdDSA for the key of ES256": (lambda: headed(kid="es256"), NOT_ALLOWED),
    "ES256K": (lambda: sign(claims(), key("ES256"), alg="ES256K"), NOT_ALLOWED),
    "Ed448 under its own name": (lambda: sign(claims(), key("Ed448"), kid="eddsa"), NOT_ALLOWED),
    "Ed448 as EdDSA": (lambda: sign(claims(), key("Ed448"), kid="eddsa", alg="EdDSA"), BAD_SIGNATURE),
    "the algorithm in small letters": (lambda: headed(alg="eddsa"), NOT_ALLOWED),
    "RSA1_5": (lambda: headed(alg="RSA1_5"), NOT_ALLOWED),
}
