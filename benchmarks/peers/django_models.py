"""The service's table as a Django model, for stock DRF and for Django Ninja."""

from django.db import models
from django.utils.http import parse_etags, quote_etag

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

    @property
    def tag(self):
        return quote_etag(self.updated_at.isoformat().replace("+00:00", "Z"))

    def matches(self, if_match):
        """Whether a request with this header may change the task; None where it has no such header."""
        return if_match is None or not {"*", self.tag}.isdisjoint(parse_etags(if_match))
