"""The task: its model, its queryset, the API of it (`urls`, `views`, `serializers`, `schema`), its admin and commands.

A reader starts at `urls`, goes on to `views` and ends at `querysets`, where each operation is one SQL statement. It may
import all of `todo_project`, which never imports it.
"""
