from hashlib import sha256
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from tasks.admin.paginator import AtLeast
from tasks.admin.search import Listing, search
from tasks.models import Task
from todo_project.api.user_ids import user_id_problems


class TaskChangeList(ChangeList):
    """A page of tasks. `listing.notes` say what it leaves out; `seal` is a digest of all tasks that it has counted."""

    listing: Listing

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> "QuerySet[Task]":
        tasks = super().get_queryset(request, exclude_parameters)
        listing = Listing(tasks, self.scope(), has_state="is_completed__exact" in self.params)
        self.listing = search(listing, self.query)
        return self.listing.tasks

    def scope(self) -> "QuerySet[Task]":
        tasks: QuerySet[Task] = self.root_queryset
        if "user_id" not in self.params:
            return tasks
        if user_id_problems(self.params["user_id"]):
            raise IncorrectLookupParameters
        return tasks.filter(user_id=self.params["user_id"])

    def get_ordering_field(self, field_name: Any) -> Any:
        # ?o= can also name a column that the page gives no link for. That would sort the whole table.
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.is_whole = not self.listing.is_partial and not isinstance(self.result_count, AtLeast)
        self.ids = list(self.queryset.values_list("id", flat=True)) if self.is_whole and self.multi_page else []
        self.seal = sha256(b"".join(task_id.bytes for task_id in self.ids)).hexdigest() if self.ids else ""
