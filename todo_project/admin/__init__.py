"""The admin site: its titles here, its log-in in `login` and `addresses`, its times in `formats`.

Each app registers its models. Django imports this room as it does each app's `admin`; nothing else does. Of the project
it imports `api` alone.
"""

from django.contrib import admin
from django.urls import reverse_lazy

from todo_project.admin.login import LoginForm

admin.site.site_title = admin.site.site_header = "Backend Task Service"
admin.site.index_title = "Administration"
# The page of "View site".
admin.site.site_url = reverse_lazy("docs")  # type: ignore[assignment]  # why: the stubs want no lazy text
admin.site.login_form = LoginForm
