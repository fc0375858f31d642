from django.db import models
from django.db.models.functions import Length

from tasks.identifiers import uuid7, validate_user_id
from tasks.querysets import TaskQuerySet
from todo_project.api.user_ids import USER_ID_MAX_LENGTH

TITLE_MAX_LENGTH = 500
DESCRIPTION_MAX_LENGTH = 5_000


class Task(models.Model):
    """One user's task. The database holds its limits too, because other writers than the API reach the table."""

    id = models.UUIDField("ID", primary_key=True, default=uuid7, editable=False)
    user_id = models.CharField("user ID", max_length=USER_ID_MAX_LENGTH, validators=[validate_user_id])
    title = models.CharField(max_length=TITLE_MAX_LENGTH)
    description = models.TextField(max_length=DESCRIPTION_MAX_LENGTH, null=True, blank=True)
    is_completed = models.BooleanField("completed", default=False)
    created_at = models.DateTimeField("created", auto_now_add=True)
    updated_at = models.DateTimeField("updated", auto_now=True)
    # The key of the request that made the task, up to 255 characters. In a batch, all tasks but the first add a number.
    idempotency_key = models.CharField(max_length=260, null=True, blank=True, editable=False)
    # XXH3-128 of the body that came with the key, in hexadecimal digits.
    idempotency_digest = models.CharField(max_length=32, null=True, blank=True, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["user_id", "id"], name="task_user_id_id")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user_id__length__range=(1, USER_ID_MAX_LENGTH)), name="task_user_id_length"
            ),
            models.CheckConstraint(
                condition=models.Q(title__length__range=(1, TITLE_MAX_LENGTH)), name="task_title_length"
            ),
            models.CheckConstraint(
                condition=models.Q(description__length__lte=DESCRIPTION_MAX_LENGTH), name="task_description_length"
            ),
            models.CheckConstraint(
                condition=models.Q(idempotency_key__isnull=True, idempotency_digest__isnull=True)
                | models.Q(idempotency_key__isnull=False, idempotency_digest__isnull=False),
                name="task_idempotency",
            ),
            models.UniqueConstraint(
                fields=["user_id", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="task_user_id_idempotency_key",
            ),
        ]

    def __str__(self) -> str:
        return self.title


models.CharField.register_lookup(Length)
models.TextField.register_lookup(Length)
