import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

import jwt
from django.conf import settings
from django.core.management.base import CommandError

from todo_project.authentication.tokens import SYMMETRIC
from todo_project.environment.addresses import local_url
from todo_project.management import arguments
from todo_project.management.command import ServiceCommand


class Command(ServiceCommand):
    help = (
        "For development: a token of a user, signed with AUTH_JWT_SECRET. The token goes to stdout, and a curl line "
        "that uses it to stderr. With public keys the provider alone can make tokens."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user_id", type=arguments.user_id, help="the user whom the token names")
        parser.add_argument(
            "--ttl",
            type=arguments.lifetime,
            default=timedelta(minutes=15),
            metavar="TIME",
            help="how long it is valid, such as 15m, 12h or 7d (default 15m)",
        )

    def handle(self, *args: Any, user_id: str, ttl: timedelta, **options: Any) -> None:
        if not settings.AUTH_JWT_SECRET:
            raise CommandError("AUTH_JWT_SECRET is not set: without it this service cannot make tokens.")
        token = jwt.encode(claims(user_id, ttl), settings.AUTH_JWT_SECRET, SYMMETRIC)
        self.stdout.write(token)
        service = local_url(settings.HOST, settings.PORT) + settings.SCRIPT_NAME
        self.say(f'curl -H "Authorization: Bearer {token}" {service}/api/me/tasks')


def claims(user_id: str, ttl: timedelta) -> dict[str, Any]:
    """What this service asks of a token. Of several issuers and audiences it names the first."""
    now = int(time.time())
    found: dict[str, Any] = {"iat": now, "exp": now + int(ttl.total_seconds())}
    for claim, expected in {"iss": settings.AUTH_ISSUER, "aud": settings.AUTH_AUDIENCE}.items():
        if expected:
            found[claim] = expected[0]
    *path, last = settings.AUTH_USER_CLAIM.split(".")
    owner = found
    for name in path:
        owner = owner.setdefault(name, {})
    owner[last] = user_id
    return found
