from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from tasks.models import DESCRIPTION_MAX_LENGTH, TITLE_MAX_LENGTH, Task
from tasks.statements import FIELDS
from todo_project.api.fields import StrictBooleanField, StrictCharField, StrictListField, StrictSerializer, trimmed

BATCH_MAX_LENGTH = 100


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A task as clients read it."""

    class Meta:
        model = Task
        fields = FIELDS
        read_only_fields = FIELDS


# Generated clients run these patterns. Each takes linear time, and none has a \u, which Go and PCRE2 refuse.
@extend_schema_field(
    {
        "type": "string",
        # Without a backslash, which generators copy into docstrings and string literals as it is.
        "description": "White space around the title is trimmed, and something must remain. The service goes by "
        "Unicode's White_Space. The white space of the pattern differs between languages: JavaScript leaves out U+0085 "
        "and adds U+FEFF, Python adds U+001C to U+001F, Go and Java take ASCII only.",
        "minLength": 1,
        "maxLength": TITLE_MAX_LENGTH,
        "pattern": r"^\s*[^\s\x00][^\x00]*$",
    }
)
class TitleField(StrictCharField):
    def __init__(self, *, required: bool = True) -> None:
        super().__init__(max_length=TITLE_MAX_LENGTH, required=required, trim_whitespace=False)

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(trimmed(data) if isinstance(data, str) else data)


@extend_schema_field({"type": ["string", "null"], "maxLength": DESCRIPTION_MAX_LENGTH, "pattern": r"^[^\x00]*$"})
class DescriptionField(StrictCharField):
    def __init__(self) -> None:
        super().__init__(
            max_length=DESCRIPTION_MAX_LENGTH, required=False, allow_blank=True, allow_null=True, trim_whitespace=False
        )


class TaskCreateSerializer(StrictSerializer):
    """A new task."""

    title = TitleField()
    description = DescriptionField()
    is_completed = StrictBooleanField(required=False)


class TaskUpdateSerializer(StrictSerializer):
    """The members to change. Those that are left out stay as they are; null clears the description."""

    title = TitleField(required=False)
    description = DescriptionField()
    is_completed = StrictBooleanField(required=False)


class TaskCompletionSerializer(StrictSerializer):
    """The state to set. Without it, the state is flipped."""

    is_completed = StrictBooleanField(required=False)


class TaskBatchSerializer(StrictSerializer):
    """New tasks. Either all of them are created or none is."""

    tasks = StrictListField(child=TaskCreateSerializer(), min_length=1, max_length=BATCH_MAX_LENGTH)


class TaskStateSerializer(StrictSerializer):
    """The state to set."""

    is_completed = StrictBooleanField()


class UpdatedSerializer(serializers.Serializer[Task]):
    updated = serializers.IntegerField()


class DeletedSerializer(serializers.Serializer[Task]):
    deleted = serializers.IntegerField()


class MessageSerializer(serializers.Serializer[Task]):
    message = serializers.CharField()
