"""The errors of what the service needs and cannot have at the moment: 503 with Retry-After.

Apart from `exceptions`: that imports DRF's views, which import what the settings name, the authentication class too.
"""

from rest_framework.exceptions import APIException

from todo_project.database.errors import Trouble

RETRY_AFTER_SECONDS = "2"


DETAILS: dict[Trouble, str] = {
    "away": "The database is not available, try again soon",
    "busy": "The database is busy, try again soon",
    "refuses": "The database refuses this service's role, try again soon",
    "takes no writes": "The database takes no writes at the moment, try again soon",
    "unconfirmed": "The database has not confirmed this, try again soon",
}


class Unavailable(APIException):
    """The database cannot be reached, is busy, or refuses this."""

    status_code = 503
    default_detail = DETAILS["away"]


class Unverifiable(Unavailable):
    """There are no keys to verify tokens with."""

    default_detail = "The keys that verify tokens are not available, try again soon"
    default_code = "no keys"
