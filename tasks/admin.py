from django.contrib import admin

from tasks.models import Task


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    list_display = ["title", "user_id", "is_completed", "created_at", "updated_at"]
    list_filter = ["is_completed"]
    search_fields = ["title", "user_id"]
    readonly_fields = ["id", "created_at", "updated_at"]
    fields = ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]
