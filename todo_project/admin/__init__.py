"""The admin site: its titles, its log-in (`login`) and how it writes times (`formats`). Apps register their models.

Django imports this module when it looks for admins, as it does each app's `admin`.
"""

from django.contrib import admin

from todo_project.admin.login import LoginForm

admin.site.site_title = admin.site.site_header = "Backend Task Service"
admin.site.index_title = "Administration"
admin.site.login_form = LoginForm
