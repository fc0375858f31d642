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

# Django's of a user; the log of failed log-ins holds 255.
USERNAME_MAX_LENGTH = 150
# A password's hash takes a thread and a core for a fifth of a second: others' requests would wait for several at once.
one_at_a_time = threading.Lock()


class LoginForm(AdminAuthenticationForm):
    """Refuses what is longer than any name, which Django's form leaves to the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # After Unicode's normalization, by which a name may grow.
        self.fields["username"].validators.append(MaxLengthValidator(USERNAME_MAX_LENGTH))

    def clean(self) -> dict[str, Any]:
        if not one_at_a_time.acquire(blocking=False):
            raise ValidationError("Another log-in is being checked. Try again in a moment.", code="busy")
        try:
            return super().clean()
        finally:
            one_at_a_time.release()


def locked_out(request: HttpRequest, response: HttpResponseBase | None, credentials: Any) -> JSONResponse:
    """After too many wrong passwords."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    detail = f"Too many wrong passwords. Try again in {seconds // 60} minutes."
    return JSONResponse({"detail": detail}, status=429, headers={"Retry-After": str(seconds)})
