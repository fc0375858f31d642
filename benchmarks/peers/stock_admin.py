"""Django's admin twice: with no options, and with the options that most people set."""

from django.contrib import admin
from django.urls import include, path

from tasks.models import Task


class UsualTaskAdmin(admin.ModelAdmin):
    list_display = ["title", "user_id", "is_completed", "created_at", "updated_at"]
    list_filter = ["is_completed"]
    search_fields = ["id", "title", "user_id"]


stock = admin.AdminSite("stock")
stock.register(Task)
usual = admin.AdminSite("usual")
usual.register(Task, UsualTaskAdmin)

urlpatterns = [
    path("admin/stock/", stock.urls),
    path("admin/usual/", usual.urls),
    path("", include("todo_project.urls")),
]
