"""The service's table as a Django model, for stock DRF and for Django Ninja."""

from django.db import models

from benchmarks.peers.identifiers import uuid7


class Task(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.CharField(max_length=255, editable=False)
    title = models.CharField(max_length=500)
    description = models.TextField(max_length=5_000, null=True, blank=True)
    is_completed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "peer"
        db_table = "tasks_task"
        managed = False
        ordering = ["id"]

    def __str__(self):
        return self.title
