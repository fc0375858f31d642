"""Signatures."""

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.authentication.corpus.building import forged, longer, valid, with_another_payload
from tests.authentication.corpus.reasons import BAD_SIGNATURE, MALFORMED
from tests.authentication.tokens import (
    LEFT_OUT,
    claims,
    header,
    key,
    part,
    sign,
    sign_parts,
    signature_of,
    with_signature,
)

# Of P-256 (FIPS 186-5).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def signed_in_der():
    token = sign(claims(), key("ES256"))
    raw = signature_of(token)
    return with_signature(token, encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])))


SIGNATURES = {
    "the signature stripped": (lambda: valid().rpartition(".")[0] + ".", MALFORMED),
    "the signature cut short": (lambda: with_signature(valid(), signature_of(valid())[:-1]), BAD_SIGNATURE),
    "the signature with more behind it": (lambda: longer(valid()), BAD_SIGNATURE),
    "the signature all zero": (lambda: with_signature(valid(), bytes(64)), BAD_SIGNATURE),
    "the signature of another token": (
        lambda: with_signature(valid(), signature_of(valid(jti="another"))),
        BAD_SIGNATURE,
    ),
    "another payload under the signature": (lambda: with_another_payload(valid()), BAD_SIGNATURE),
    "another key under the same kid": (lambda: forged(), BAD_SIGNATURE),
    "another key without a kid": (lambda: forged(kid=LEFT_OUT), BAD_SIGNATURE),
    "ES256 with r and s zero": (lambda: with_signature(sign(claims(), key("ES256")), bytes(64)), BAD_SIGNATURE),
    "ES256 with r and s one": (
        lambda: with_signature(sign(claims(), key("ES256")), (bytes(31) + b"\1") * 2),
        BAD_SIGNATURE,
    ),
    "ES256 with r and s the order of the curve": (
        lambda: with_signature(sign(claims(), key("ES256")), ORDER.to_bytes(32) * 2),
        BAD_SIGNATURE,
    ),
    "ES256 in DER": (signed_in_der, BAD_SIGNATURE),
    "ES256 with half a signature": (
        lambda: with_signature(sign(claims(), key("ES256")), bytes(32)),
        BAD_SIGNATURE,
    ),
    "ES384 all zero": (lambda: with_signature(sign(claims(), key("ES384")), bytes(96)), BAD_SIGNATURE),
    "PS256 all zero": (lambda: with_signature(sign(claims(), key("PS256")), bytes(256)), BAD_SIGNATURE),
    "PS256 of one byte": (lambda: with_signature(sign(claims(), key("PS256")), b"\1"), BAD_SIGNATURE),
    "PS256 with a signature of RS256": (
        lambda: sign_parts(part(header(key("PS256"))), part(claims()), key("PS256"), "RS256"),
        BAD_SIGNATURE,
    ),
    "an expired token by another key": (
        lambda: sign(claims(exp=1, iss="x"), key("EdDSA", "forged"), kid="eddsa"),
        BAD_SIGNATURE,
    ),
}
