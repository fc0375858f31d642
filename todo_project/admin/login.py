"""The admin's log-in."""

import threading
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from todo_project.api.renderers import JSONResponse

# The length of a name in Django's user model. The log of failed log-ins has room for 255.
USERNAME_MAX_LENGTH = 150
# Hashing a password takes a thread and a core for a fifth of a second. Several at once would make other requests wait.
one_at_a_time = threading.Lock()


class LoginForm(AdminAuthenticationForm):
    """Refuses names that are too long. Django's own form leaves that to the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A validator sees the name after Unicode's normalization, which may lengthen it.
        self.fields["username"].validators.append(MaxLengthValidator(USERNAME_MAX_LENGTH))

    def clean(self) -> dict[str, Any]:
        if not one_at_a_time.acquire(blocking=False):
            raise ValidationError("Another log-in is being checked. Try again in a moment.", code="busy")
        try:
            return super().clean()
        finally:
            one_at_a_time.release()


def locked_out(request: HttpRequest, response: HttpResponseBase | None, credentials: Any) -> JSONResponse:
    """The answer after too many wrong passwords."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    detail = f"Too many wrong passwords. Try again in {seconds // 60} minutes."
    return JSONResponse({"detail": detail}, status=429, headers={"Retry-After": str(seconds)})
