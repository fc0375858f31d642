"""Headers: key ids, types, and what is critical."""

import json

from tests.authentication.corpus.building import headed, with_parts
from tests.authentication.corpus.reasons import MALFORMED, UNKNOWN_KEY, WRONG_TYPE
from tests.authentication.tokens import claims, header, key, part

KEY_IDS = {
    "kid a path": (lambda: headed(kid="../../../../../../etc/passwd"), UNKNOWN_KEY),
    "kid /dev/null": (lambda: headed(kid="/dev/null"), UNKNOWN_KEY),
    "kid a URL": (lambda: headed(kid="http://127.0.0.1:1/keys"), UNKNOWN_KEY),
    "kid SQL": (lambda: headed(kid="x' UNION SELECT 'secret' --"), UNKNOWN_KEY),
    "kid a command": (lambda: headed(kid="eddsa; sleep 10 | $(id)"), UNKNOWN_KEY),
    "kid with NUL": (lambda: headed(kid="eddsa\0"), UNKNOWN_KEY),
    "kid with a line end": (lambda: headed(kid="eddsa\r\nX: y"), UNKNOWN_KEY),
    "kid with a lone surrogate": (lambda: headed(kid="\ud800"), UNKNOWN_KEY),
    "kid in other letters": (lambda: headed(kid="EDDSA"), UNKNOWN_KEY),
    "kid with a space": (lambda: headed(kid=" eddsa"), UNKNOWN_KEY),
    "kid empty": (lambda: headed(kid=""), UNKNOWN_KEY),
    "kid of 10 KB": (lambda: headed(kid="k" * 10_240), UNKNOWN_KEY),
    "kid a number": (lambda: headed(kid=1), MALFORMED),
    "kid a list": (lambda: headed(kid=["eddsa"]), MALFORMED),
    "kid an object": (lambda: headed(kid={"kid": "eddsa"}), MALFORMED),
    "kid null": (lambda: headed(kid=None), MALFORMED),
    "kid true": (lambda: headed(kid=True), MALFORMED),
}

CRITICAL = {
    "crit unknown": (lambda: headed(crit=["exp"], exp=1), MALFORMED),
    "crit unknown, a URL": (lambda: headed(**{"crit": ["http://x.test/y"], "http://x.test/y": True}), MALFORMED),
    "crit naming what is not there": (lambda: headed(crit=["b64"]), MALFORMED),
    "crit naming alg": (lambda: headed(crit=["alg"]), MALFORMED),
    "crit empty": (lambda: headed(crit=[]), MALFORMED),
    "crit text": (lambda: headed(crit="b64", b64=True), MALFORMED),
    "crit null": (lambda: headed(crit=None), MALFORMED),
    "crit a list of lists": (lambda: headed(crit=[["b64"]]), MALFORMED),
    "crit a number": (lambda: headed(crit=[1]), MALFORMED),
    "b64 false": (lambda: headed(b64=False), MALFORMED),
    "b64 false and critical": (lambda: headed(b64=False, crit=["b64"]), MALFORMED),
    "b64 false with the payload plain": (
        lambda: with_parts(part(header(key("EdDSA"), b64=False, crit=["b64"])), json.dumps(claims())),
        MALFORMED,
    ),
    "b64 false with the payload gone": (
        lambda: (lambda parts: f"{parts[0]}..{parts[2]}")(headed(b64=False, crit=["b64"]).split(".")),
        MALFORMED,
    ),
}

TYPES = {
    **{
        f"typ {typ}": (lambda typ=typ: headed(typ=typ), WRONG_TYPE)
        for typ in ("logout+jwt", "secevent+jwt", "dpop+jwt", "application/logout+jwt", "LOGOUT+JWT", "JWE", "x")
    },
    "typ a number": (lambda: headed(typ=1), WRONG_TYPE),
    "typ a list": (lambda: headed(typ=["JWT"]), WRONG_TYPE),
    "typ an object": (lambda: headed(typ={"JWT": "JWT"}), WRONG_TYPE),
    "typ true": (lambda: headed(typ=True), WRONG_TYPE),
}
