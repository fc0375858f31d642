from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from tasks.admin import actions
from tasks.admin.changelist import TaskChangeList
from tasks.admin.forms import TaskForm
from tasks.admin.paginator import BoundedPaginator
from tasks.identifiers import parse_uuid
from tasks.models import Task

TITLE_LENGTH = 100
SHORT_ID_LENGTH = 13


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # why: generic in the stubs alone
    """Made for ten million tasks: each page sorts, counts and reads a bounded number of them."""

    form = TaskForm
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_display = ["short_id", "short_title", "owner", "is_completed", "created_at", "updated_at"]
    list_display_links = ["short_title"]
    list_filter = ["is_completed"]
    ordering = ["-id"]
    sortable_by = ["short_id"]
    # This only makes Django show a search box. TaskChangeList searches.
    search_fields = ["title"]
    search_help_text = "The id of a task, an exact user id, or words of titles."
    actions = [
        actions.mark_completed,
        actions.mark_open,
        actions.export_jsonl,
        actions.export_csv,
        actions.delete_selected,
    ]

    @admin.display(description="ID", ordering="id")
    def short_id(self, task: Task) -> str:
        """The part that has the time. Lists are in the order of ids, which is that of no other column."""
        return format_html('<span title="{}">{}</span>', task.id, str(task.id)[:SHORT_ID_LENGTH])

    @admin.display(description="title")
    def short_title(self, task: Task) -> str:
        return Truncator(task.title).chars(TITLE_LENGTH)

    @admin.display(description="user ID")
    def owner(self, task: Task) -> str:
        """A link to all tasks of the task's owner."""
        url = f"{reverse('admin:tasks_task_changelist')}?{urlencode({'user_id': task.user_id})}"
        return format_html('<a href="{}" title="All tasks of this user">{}</a>', url, task.user_id)

    def get_fields(self, request: HttpRequest, obj: Task | None = None) -> Any:
        if obj is None:
            return ["user_id", "title", "description", "is_completed"]
        return ["id", "owner", "title", "description", "is_completed", "created_at", "updated_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> list[str]:
        return [] if obj is None else ["id", "owner", "user_id", "created_at", "updated_at"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TaskChangeList]:
        return TaskChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Task]", search_term: str
    ) -> tuple["QuerySet[Task]", bool]:
        return queryset, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Django lets a URL filter by any field, such as ?description__contains=.
        return lookup in ("user_id", "is_completed__exact")

    # Changes

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Task.DoesNotExist:
            self.message_user(request, "This task was deleted meanwhile: nothing was saved.", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:tasks_task_changelist"))

    def save_model(self, request: HttpRequest, obj: Task, form: Any, change: bool) -> None:
        """Writes only the changes made on the page. Raises Task.DoesNotExist if the task was deleted meanwhile."""
        if not change:
            obj.save()
        elif form.changed_data:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            Task.objects.for_user(obj.user_id).update_returning(obj.id, **changes)

    def response_action(self, request: HttpRequest, queryset: "QuerySet[Task]") -> Any:
        """Acts on the ticked tasks, or on all that the page counted, if its seal shows that they are still the same."""
        is_across = ActionForm.base_fields["select_across"].to_python(request.POST.get("select_across"))
        if not is_across and all(map(parse_uuid, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            return super().response_action(request, self.get_queryset(request))
        page = cast(TaskChangeList, self.get_changelist_instance(request))
        if is_across and page.seal and page.seal == request.POST.get("seal"):
            return super().response_action(request, self.get_queryset(request).filter(id__in=page.ids))
        self.message_user(request, self.refusal(request, page), messages.ERROR)
        return None

    def refusal(self, request: HttpRequest, page: TaskChangeList) -> str:
        if page.is_whole:
            return "Nothing was done: the tasks of this list have changed since the page was shown. Please look again."
        command = actions.COMMANDS.get(request.POST.get("action", ""), "export_tasks")
        return f"Nothing was done: this list is incomplete. On the command line, use {command} (python3 run.py manage)."
