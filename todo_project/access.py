"""Who may call the API: everyone. What stands in front of this version says who a user is (docs/security.md)."""

from rest_framework.request import Request


class OpenAccess:
    """DRF's hooks that would ask each authenticator, permission and throttle, of which there are none."""

    def perform_authentication(self, request: Request) -> None:
        pass

    def check_permissions(self, request: Request) -> None:
        pass

    def check_throttles(self, request: Request) -> None:
        pass
