"""DRF's authentication class for `Authorization: Bearer <JWT>` (RFC 6750)."""

import re
from dataclasses import dataclass, field
from typing import ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from todo_project.api.unavailable import Unverifiable
from todo_project.authentication.tokens import NoKeysError, RefusedError, verifier

# The scheme ends at the first character that cannot belong to it, so that a tab after it is a malformed token, and not
# another scheme. Spaces alone stand between it and the token (RFC 9110, 11.4).
SCHEME = re.compile(r"bearer(?![!#$%&'*+.^_`|~0-9a-z-]) *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """The user of a token, as DRF's `request.user`. It is no user of Django's, and has no row."""

    user_id: str = field(repr=False)
    is_authenticated: ClassVar[bool] = True


class InvalidToken(AuthenticationFailed):
    """One detail, whatever is wrong. The code is the reason, for the log alone."""

    default_detail = "The token is not valid"


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        """None without a bearer token. Raises InvalidToken, and Unverifiable where there are no keys."""
        header = request.META.get("HTTP_AUTHORIZATION", "")
        scheme = SCHEME.match(header)
        if scheme is None:
            return None
        try:
            return Caller(verifier().subject_of(header[scheme.end() :])), None
        except RefusedError as refused:
            # Not chained: PyJWT's messages may repeat what a token says.
            raise InvalidToken(code=refused.reason) from None
        except NoKeysError:
            raise Unverifiable from None

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401. DRF asks for it once more, of a new instance, after `authenticate` has failed."""
        return 'Bearer error="invalid_token"'
