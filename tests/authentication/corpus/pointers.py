"""Headers and claims that point elsewhere for the key. A server at the URL must not be asked."""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.authentication.corpus.building import forged, valid
from tests.authentication.corpus.reasons import BAD_SIGNATURE, UNKNOWN_KEY, WRONG_ISSUER
from tests.authentication.tokens import key


def certificate():
    """The forger's, signed by itself."""
    forger, name = key("EdDSA", "forged"), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer.test")])
    began = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, forger.public, 1, began, began + datetime.timedelta(days=1))
    return base64.b64encode(builder.sign(forger.private, None).public_bytes(Encoding.DER)).decode()


POINTERS = {
    "jku": (lambda url: forged(jku=url), BAD_SIGNATURE),
    "jku with an unknown kid": (lambda url: forged(jku=url, kid="forged"), UNKNOWN_KEY),
    "jku a list": (lambda url: forged(jku=[url]), BAD_SIGNATURE),
    "x5u": (lambda url: forged(x5u=url), BAD_SIGNATURE),
    "x5u with an unknown kid": (lambda url: forged(x5u=url, kid="forged"), UNKNOWN_KEY),
    "jwk with the forger's key": (lambda url: forged(jwk=key("EdDSA", "forged").jwk), BAD_SIGNATURE),
    "jwk with an unknown kid": (lambda url: forged(jwk=key("EdDSA", "forged").jwk, kid="forged"), UNKNOWN_KEY),
    "jwk with the kid of the set": (
        lambda url: forged(jwk=key("EdDSA", "forged").jwk | {"kid": "eddsa"}),
        BAD_SIGNATURE,
    ),
    "jwk with a private key": (lambda url: forged(jwk=key("EdDSA", "forged").private_jwk), BAD_SIGNATURE),
    "jwk a URL": (lambda url: forged(jwk=url), BAD_SIGNATURE),
    "x5c with the forger's certificate": (lambda url: forged(x5c=[certificate()]), BAD_SIGNATURE),
    "x5c with an unknown kid": (lambda url: forged(x5c=[certificate()], kid="forged"), UNKNOWN_KEY),
    "x5t": (lambda url: forged(**{"x5t": "x", "x5t#S256": url}), BAD_SIGNATURE),
    "kid a URL": (lambda url: forged(kid=url), UNKNOWN_KEY),
    "iss a URL": (lambda url: valid(iss=url), WRONG_ISSUER),
    "all of them": (
        lambda url: forged(jku=url, x5u=url, jwk=key("EdDSA", "forged").jwk, x5c=[url], iss=url, kid=url),
        UNKNOWN_KEY,
    ),
}
