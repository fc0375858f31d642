"""The errors of what the service needs and cannot have at the moment: 503 with Retry-After.

Apart from `exceptions`: that imports DRF's views, which import what the settings name, the authentication class too.
"""

from rest_framework.exceptions import APIException

RETRY_AFTER_SECONDS = "2"


class Unavailable(APIException):
    """The database cannot be reached, or is read-only."""

    status_code = 503
    default_detail = "The database is not available, try again soon"


class Unverifiable(Unavailable):
    """There are no keys to verify tokens with."""

    default_detail = "The keys that verify tokens are not available, try again soon"
    default_code = "no keys"
