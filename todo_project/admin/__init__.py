"""The admin site: its titles here, its log-in in `login` and `addresses`, its times in `formats`.

Each app registers its models. Django imports this room as it does each app's `admin`; nothing else does. Of the project
it imports `api` alone.
"""

from django.contrib import admin

from todo_project.admin.login import LoginForm

admin.site.site_title = admin.site.site_header = "Backend Task Service"
admin.site.index_title = "Administration"
admin.site.login_form = LoginForm
