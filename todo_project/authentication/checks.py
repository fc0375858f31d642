from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def check_issuer(**_: Any) -> list[checks.CheckMessage]:
    if not settings.HAS_AUTHENTICATION or settings.AUTH_ISSUER:
        return []
    message = "AUTH_ISSUER is not set: a token counts whoever made it for whatever purpose, if a key verifies it."
    return [checks.Warning(message, hint="Set AUTH_ISSUER to the `iss` of your provider's tokens.", id="todo.W005")]
