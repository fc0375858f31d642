"""Who is asking: bearer tokens (RFC 6750, RFC 7519), verified by PyJWT with keys of the settings or of a URL.

A reader starts at `bearer`, DRF's authentication class, and `permissions`; `REST_FRAMEWORK` in the settings names
both. From there `tokens` verifies, with the keys of a source in `keys`; `remote` is the source that asks a URL. The
room knows nothing of tasks. Without an `AUTH_` variable nothing of it is used but one permission, and PyJWT is not
imported.
"""
