"""The admin's form of a task. It takes what the API takes."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget

from tasks.models import DESCRIPTION_MAX_LENGTH, TITLE_MAX_LENGTH, Task
from todo_project.api.user_ids import USER_ID_MAX_LENGTH


class TextField(forms.CharField):
    """Text whose lines end with a line feed. Browsers send a carriage return before each."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n") if text else text

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # Without maxlength: browsers count it in units of UTF-16.
        return {}


class TaskForm(forms.ModelForm):  # type: ignore[type-arg]  # why: generic in the stubs alone
    """Each field also submits the value that the page showed. So a field counts as changed if the person at the page
    changed it, and not if the API did meanwhile.
    """

    user_id = TextField(
        label="User ID",
        max_length=USER_ID_MAX_LENGTH,
        strip=False,
        widget=AdminTextInputWidget,
        help_text="Exactly as in the API's paths; it cannot be changed later.",
    )
    title = TextField(
        label="Title",
        max_length=TITLE_MAX_LENGTH,
        widget=AdminTextInputWidget(attrs={"class": "vLargeTextField"}),
        show_hidden_initial=True,
    )
    description = TextField(
        label="Description",
        max_length=DESCRIPTION_MAX_LENGTH,
        strip=False,
        required=False,
        widget=AdminTextareaWidget,
        show_hidden_initial=True,
    )
    is_completed = forms.BooleanField(label="Completed", required=False, show_hidden_initial=True)

    class Meta:
        model = Task
        fields = ("user_id", "title", "description", "is_completed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An <input> would drop the line breaks.
        if {"\n", "\r"} & set(self.instance.title) and "title" in self.fields:
            self.fields["title"].widget = AdminTextareaWidget(attrs={"rows": 3})

    def is_multipart(self) -> bool:
        # The other encoding makes twelve bytes of an emoji. A long description would not fit into a body.
        return True

    def clean_title(self) -> str:
        return with_line_ends(self.cleaned_data["title"], self.instance.title)

    def clean_description(self) -> str | None:
        """An emptied box becomes null. An untouched one is not written, so that null and "" both stay."""
        text = self.cleaned_data["description"]
        return with_line_ends(text, self.instance.description or "") if text else None


def with_line_ends(text: str, stored: str) -> str:
    return text.replace("\n", "\r\n") if "\r\n" in stored else text
