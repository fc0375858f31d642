from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from tasks.models import DESCRIPTION_MAX_LENGTH, TITLE_MAX_LENGTH, Task
from tasks.statements import FIELDS
from todo_project.api.fields import WHITE_SPACE_CLASS, StrictBooleanField, StrictCharField, trimmed


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A task as clients read it."""

    class Meta:
        model = Task
        fields = FIELDS
        read_only_fields = FIELDS


@extend_schema_field(
    # Something besides white space, and no U+0000. Not \s, which is something else in each language.
    {
        "type": "string",
        "minLength": 1,
        "maxLength": TITLE_MAX_LENGTH,
        "pattern": rf"^[^\u0000]*[^\u0000{WHITE_SPACE_CLASS}][^\u0000]*$",
    }
)
class TitleField(StrictCharField):
    def __init__(self, *, required: bool = True) -> None:
        super().__init__(max_length=TITLE_MAX_LENGTH, required=required, trim_whitespace=False)

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(trimmed(data) if isinstance(data, str) else data)


@extend_schema_field({"type": ["string", "null"], "maxLength": DESCRIPTION_MAX_LENGTH, "pattern": r"^[^\u0000]*$"})
class DescriptionField(StrictCharField):
    def __init__(self) -> None:
        super().__init__(
            max_length=DESCRIPTION_MAX_LENGTH, required=False, allow_blank=True, allow_null=True, trim_whitespace=False
        )


class TaskCreateSerializer(serializers.Serializer[Task]):
    """Surrounding white space of the title is trimmed."""

    title = TitleField()
    description = DescriptionField()
    is_completed = StrictBooleanField(required=False)


class TaskUpdateSerializer(serializers.Serializer[Task]):
    """Members left out stay as they are; null clears the description."""

    title = TitleField(required=False)
    description = DescriptionField()
    is_completed = StrictBooleanField(required=False)


class TaskCompletionSerializer(serializers.Serializer[Task]):
    """The state to set; left out, the state is flipped."""

    is_completed = StrictBooleanField(required=False)


class MessageSerializer(serializers.Serializer[Task]):
    message = serializers.CharField()
