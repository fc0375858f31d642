"""Members of a key set that must not verify anything, and that must not keep the other keys from being used."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from jwt.algorithms import get_default_algorithms

from tests.authentication.tokens import key, part

SIGNERS = get_default_algorithms()
SECRET = b"a shared secret of thirty-two bytes or more"


def curve(kid, curve, algorithm):
    public = ec.generate_private_key(curve).public_key()
    return SIGNERS[algorithm].to_jwk(public, as_dict=True) | {"kid": kid, "alg": algorithm}


def small_rsa():
    public = rsa.generate_private_key(65537, 1024).public_key()
    return SIGNERS["RS256"].to_jwk(public, as_dict=True) | {"kid": "small", "alg": "RS256"}


def huge_rsa():
    modulus = (1 << 99_999) + 1
    return {"kty": "RSA", "kid": "huge", "n": part(modulus.to_bytes(12_500)), "e": "AQAB"}


def changed(**members):
    return key("EdDSA", "changed").jwk | members


def odd_keys():
    """By the name of what is odd. Each is a JWK, or anything else that a set may hold."""
    return {
        "oct": {"kty": "oct", "kid": "oct", "alg": "HS256", "k": part(SECRET)},
        "oct without alg": {"kty": "oct", "kid": "oct", "k": part(SECRET)},
        "AKP": {"kty": "AKP", "kid": "akp", "alg": "ML-DSA-44", "pub": part(bytes(1312))},
        "X25519": {
            "kty": "OKP",
            "crv": "X25519",
            "kid": "x25519",
            "x": part(x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()),
        },
        "Ed448": key("Ed448").jwk,
        "Ed448 as EdDSA": key("Ed448").jwk | {"alg": "EdDSA"},
        "P-521": curve("p521", ec.SECP521R1(), "ES512"),
        "secp256k1": curve("k1", ec.SECP256K1(), "ES256K"),
        "RSA of 1,024 bits": small_rsa(),
        "RSA of 100,000 bits": huge_rsa(),
        "a private Ed25519 key": key("EdDSA", "private").private_jwk,
        "a private RSA key": key("RS256", "private-rsa").private_jwk,
        "a private EC key": key("ES256", "private-ec").private_jwk,
        "use enc": key("RS256", "enc").jwk | {"use": "enc"},
        "key_ops sign": changed(key_ops=["sign"]),
        "key_ops text": changed(key_ops="verify"),
        "alg RSA-OAEP": key("RS256", "oaep").jwk | {"alg": "RSA-OAEP-256"},
        "alg of another type": changed(alg="RS256"),
        "alg none": changed(alg="none"),
        "alg a list": changed(alg=["EdDSA"]),
        "alg an object": changed(alg={"EdDSA": 1}),
        "kty missing": {"kid": "x"},
        "kty a list": changed(kty=["OKP"]),
        "crv missing": {"kty": "OKP", "kid": "x", "x": "AAAA"},
        "crv an object": changed(crv={}),
        "x too short": changed(x="AAAA"),
        "x a number": changed(x=1),
        "x null": changed(x=None),
        "x not base64": changed(x="\u00e9!"),
        "a point that is not on the curve": {
            "kty": "EC",
            "crv": "P-256",
            "kid": "x",
            "x": part(b"\1" * 32),
            "y": part(b"\1" * 32),
        },
        "RSA without n": {"kty": "RSA", "kid": "x", "e": "AQAB"},
        "RSA with e 0": key("RS256", "e").jwk | {"e": "AA"},
        "RSA with e 1": key("RS256", "e").jwk | {"e": "AQ"},
        "an empty object": {},
        "null": None,
        "a number": 1,
        "a list": [key("EdDSA", "listed").jwk],
        "nested": {"keys": [key("EdDSA", "listed").jwk]},
    }


def odd_texts():
    """The same, where text that is not a key looks like one in another form."""
    return {
        "a PEM": key("EdDSA", "pem").pem.decode(),
        "a PEM within a JWK": changed(kty="x", pem=key("EdDSA", "pem").pem.decode()),
        "a PEM within a good JWK": key("EdDSA").jwk | {"pem": key("EdDSA").pem.decode()},
        "text about a private key": changed(kty="x", comment="not a PRIVATE KEY"),
    }
