"""The admin's log-in."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.validators import MaxLengthValidator

# Django's of a user; the log of failed log-ins holds 255.
USERNAME_MAX_LENGTH = 150


class LoginForm(AdminAuthenticationForm):
    """Refuses what is longer than any name, which Django's form leaves to the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # After Unicode's normalization, by which a name may grow.
        self.fields["username"].validators.append(MaxLengthValidator(USERNAME_MAX_LENGTH))
