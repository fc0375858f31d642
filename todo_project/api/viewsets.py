"""A viewset that declares what each of its actions reads of a request, and reads all of it before the action runs."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ViewSet

from todo_project.api.conditions import VARIABLES, read_conditions
from todo_project.api.idempotency import read_key
from todo_project.api.problems import Invalid, Problem, problem, validated
from todo_project.api.query import QueryParameter, pairs_of, read_query
from todo_project.api.targets import sent_target


class DeclaredViewSet(ViewSet):
    """Each declaration goes by the name of an action. An action finds what was read in the attributes named below.

    One answer names all problems of a request: those of its path, its query, its headers and its body.
    """

    # self.body
    body_serializers: ClassVar[dict[str, BaseSerializer[Any]]] = {}
    # Of these a body may be missing, or null, which some generated clients send in place of none.
    optional_bodies: ClassVar[tuple[str, ...]] = ()
    # self.query: the values of the parameters that were sent
    query_parameters: ClassVar[dict[str, tuple[QueryParameter, ...]]] = {}
    # Actions on many rows: a misspelt filter must not widen them, and they cannot honour a condition, so it is refused.
    strict_actions: ClassVar[tuple[str, ...]] = ()
    # self.conditions: the entity tags by header
    conditional_headers: ClassVar[dict[str, tuple[str, ...]]] = {}
    # self.key: the idempotency key
    keyed_actions: ClassVar[tuple[str, ...]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action is None:
            # The method is not allowed: DRF answers 405.
            return
        problems: list[Problem] = []
        for read in (self.read_path, self.read_query, self.read_headers, self.read_body):
            try:
                read(request)
            except Invalid as invalid:
                problems += invalid.problems
        if problems:
            raise Invalid(*problems)

    def read_path(self, request: Request) -> None:
        """Raises Invalid where the path names something that cannot be."""

    def read_query(self, request: Request) -> None:
        self.query: dict[str, Any] = {}
        parameters = self.query_parameters.get(self.action)
        if parameters is not None:
            is_strict = self.action in self.strict_actions
            if is_strict and "#" in sent_target(request._request):
                # The server drops what follows, which may be half a filter.
                raise Invalid(problem(["query"], "A # is written as %23"))
            self.query = read_query(pairs_of(request), parameters, allows_unknown=not is_strict)

    def read_headers(self, request: Request) -> None:
        self.key = read_key(request) if self.action in self.keyed_actions else None
        refused = VARIABLES if self.action in self.strict_actions else ()
        self.conditions = read_conditions(request, self.conditional_headers.get(self.action, ()), refused)

    def read_body(self, request: Request) -> None:
        self.body: dict[str, Any] = {}
        serializer = self.body_serializers.get(self.action)
        if serializer is None:
            return
        is_sent = request.META.get("CONTENT_LENGTH", "") not in ("", "0")
        if self.action in self.optional_bodies and (not is_sent or request.data is None):
            return
        if not is_sent:
            raise Invalid(problem(["body"], "Field required", "missing"))
        self.body = validated(serializer, request.data)
