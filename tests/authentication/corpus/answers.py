"""What a list of no tasks answers: the status, the body and the challenge."""

NOT_VALID = (401, b'{"detail":"The token is not valid"}', 'Bearer error="invalid_token"')
NO_TOKEN = (401, b'{"detail":"Not authenticated"}', "Bearer")
NOT_ALLOWED = (403, b'{"detail":"Not allowed to access another user\'s tasks"}', None)
EMPTY_LIST = (200, b"[]", None)
