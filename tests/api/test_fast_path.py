"""The list is rendered from rows; the serializer defines the fields. Both must produce the same bytes."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.models import Task
from tasks.serializers import TaskSerializer
from tests.conftest import OWNER
from todo_project.api.renderers import dumps
from todo_project.database.postgresql import prepared

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis wants them naive
TASKS = st.fixed_dictionaries(
    {
        "title": TEXT.filter(str.strip),
        "description": st.none() | st.just("") | TEXT,
        "is_completed": st.booleans(),
        "created_at": TIMES | TIMES.map(lambda time: time.replace(microsecond=0)),
        "updated_at": TIMES | TIMES.map(lambda time: time.replace(microsecond=100_000)),
    }
)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Makes PostgreSQL send a list of five in three pieces."""
    monkeypatch.setattr(prepared, "BATCH_ROWS", 2)


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(TASKS, max_size=5))
def test_list_is_to_the_byte_what_the_serializer_says(api, members):
    own = Task.objects.for_user(OWNER)
    own.delete()
    for member in members:
        task = Task.objects.create(user_id=OWNER, title=member["title"])
        own.filter(pk=task.pk).update(**member)

    listed = api.send("GET", f"/api/{OWNER}/tasks").content

    assert listed == dumps(TaskSerializer(own, many=True).data)
