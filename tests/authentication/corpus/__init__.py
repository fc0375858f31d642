"""Hostile tokens, each as a function that builds it, with the reason for which it is refused.

The service that they are for knows the keys of KEYS, allows ALGORITHMS, and checks ISSUER and AUDIENCE. `taken` has the
tokens that look odd and are valid. The tokens of `pointers` name a URL that must not be asked.
"""

KEYS = ("EdDSA", "ES256", "ES384", "RS256", "PS256")
# Not RS256, though there is a key for it.
ALGORITHMS = ["EdDSA", "ES256", "ES384", "PS256"]
