"""Strict fields of a serializer: each takes one JSON type and converts nothing."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.validators import ProhibitSurrogateCharactersValidator

# Unicode's White_Space, which Pydantic trims. Python's str.strip takes U+001C to U+001F for white space too.
WHITE_SPACE_CLASS = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
WHITE_SPACE = "".join(filter(re.compile(f"[{WHITE_SPACE_CLASS}]").match, map(chr, range(0x3001))))
WORD = re.compile(f"[^{WHITE_SPACE_CLASS}]+")
SURROGATE = re.compile("[\ud800-\udfff]")


class StrictField(serializers.Field[Any, Any, Any, Any]):
    """A field of one JSON type. A value of another type is refused with the code `wrong_type`."""

    json_type: type
    wrong_type: str

    def run_validation(self, data: Any = empty) -> Any:
        # Checked before DRF calls str() on the value, which fails for a deeply nested list.
        if data is not empty and type(data) is not self.json_type and not (data is None and self.allow_null):
            raise serializers.ValidationError(self.error_messages["invalid"], code=self.wrong_type)
        return super().run_validation(data)


class SurrogateValidator(ProhibitSurrogateCharactersValidator):
    """DRF's own validator looks at each character in Python: 0.2 ms for a description of 5,000 characters."""

    def __call__(self, value: Any) -> None:
        if SURROGATE.search(str(value)):
            super().__call__(value)


class StrictCharField(StrictField, serializers.CharField):
    json_type = str
    wrong_type = "string_type"
    default_error_messages = {
        "required": "Field required",
        "invalid": "Input should be a valid string",
        "blank": "String should have at least 1 character",
        "max_length": "String should have at most {max_length} characters",
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        slow = ProhibitSurrogateCharactersValidator
        self.validators = [SurrogateValidator() if type(each) is slow else each for each in self.validators]


class StrictBooleanField(StrictField, serializers.BooleanField):
    json_type = bool
    wrong_type = "bool_type"
    default_error_messages = {"required": "Field required", "invalid": "Input should be a valid boolean"}


class StrictSerializer(serializers.Serializer[Any]):
    """A JSON object."""

    def run_validation(self, data: Any = empty) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Input should be an object", code="model_type")
        return super().run_validation(data)


class StrictListField(StrictField, serializers.ListField):
    json_type = list
    wrong_type = "list_type"
    default_error_messages = {
        "required": "Field required",
        "invalid": "Input should be a valid list",
        "too_short": "List should have at least {min_length} item",
        "too_long": "List should have at most {max_length} items",
    }

    def to_internal_value(self, data: list[Any]) -> list[Any]:
        # Before the items are looked at, and with codes of lists: DRF's are those of texts.
        if self.min_length is not None and len(data) < self.min_length:
            self.fail("too_short", min_length=self.min_length)
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("too_long", max_length=self.max_length)
        return super().to_internal_value(data)  # type: ignore[no-any-return]  # why: untyped in the stubs


def trimmed(text: str) -> str:
    return text.strip(WHITE_SPACE)
