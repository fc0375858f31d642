import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.conftest import OWNER
from todo_project.api.fields import trimmed

TASKS = f"/api/{OWNER}/tasks"


def times(task):
    return [datetime.fromisoformat(task[name]) for name in ("created_at", "updated_at")]


def test_created_at_is_the_moment_in_the_id(api):
    """Lists are in the order of ids, so also in that of created_at, even if several processes made the tasks."""
    task = api.create()
    milliseconds, fraction = divmod(UUID(task["id"]).int >> 64, 1 << 16)
    microseconds = milliseconds * 1000 + ((fraction & 0xFFF) * 1000 >> 12)
    created_at = datetime.fromisoformat(task["created_at"])
    assert created_at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def test_title_alone_makes_an_open_task_without_description(api):
    response = api.send("POST", TASKS, {"title": "Buy milk"})

    task = response.json()
    assert response.status_code == 201
    assert list(task) == ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]
    assert task == {
        "id": task["id"],
        "user_id": OWNER,
        "title": "Buy milk",
        "description": None,
        "is_completed": False,
        "created_at": task["created_at"],
        "updated_at": task["created_at"],
    }


def test_all_members_are_kept_as_sent(api):
    task = api.create(title="Buy milk", description=" two\nlitres ", is_completed=True)

    assert (task["title"], task["description"], task["is_completed"]) == ("Buy milk", " two\nlitres ", True)
    assert api.tasks() == [task]


def test_location_names_the_new_task(api):
    response = api.send("POST", "/api/a%20b%C3%A9%22@x/tasks", {"title": "A task"})

    assert response["Location"] == f"/api/a%20b%C3%A9%22@x/tasks/{response.json()['id']}"
    assert api.send("GET", response["Location"]).json() == response.json()


def test_id_is_a_lower_case_uuid_of_version_7_made_now(api):
    identifier = api.create()["id"]

    assert identifier == str(UUID(identifier))
    assert UUID(identifier).version == 7
    made = datetime.fromtimestamp((UUID(identifier).int >> 80) / 1000, UTC)
    assert timedelta(0) <= datetime.now(UTC) - made < timedelta(minutes=1)


def test_times_are_utc_and_now(api):
    task = api.create()

    assert task["created_at"].endswith("Z")
    assert all(timedelta(0) <= datetime.now(UTC) - time < timedelta(minutes=1) for time in times(task))


@pytest.mark.parametrize(
    "title", ["x" * 500, "𝄞" * 500, "é" * 500, "a\nb\tc", "\u202e\u200b", "'; DROP TABLE x; --", "%s %d"]
)
def test_title_of_any_text_up_to_500_code_points_is_kept(api, title):
    assert api.create(title=title)["title"] == title
    assert api.tasks()[0]["title"] == title


@pytest.mark.parametrize("description", ["", " ", "x" * 5_000, "𝄞" * 5_000, None])
def test_description_up_to_5000_code_points_is_kept_as_sent(api, description):
    assert api.create(description=description)["description"] == description
    assert api.tasks()[0]["description"] == description


def test_title_is_trimmed_before_it_is_measured(api):
    assert api.create(title=f" \n\u2003{'x' * 500}\t ")["title"] == "x" * 500


def test_what_is_no_white_space_to_unicode_is_not_trimmed(api):
    assert api.create(title="\x1fa\ufeff")["title"] == "\x1fa\ufeff"


def test_white_space_is_what_unicode_says_and_nothing_more():
    white = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

    assert [chr(point) for point in range(sys.maxunicode + 1) if not trimmed(chr(point))] == list(white)


@pytest.mark.parametrize("body", [b'\xef\xbb\xbf{"title": "x"}', b'{"title": "x", "n": %s}' % (b"9" * 5000)])
def test_byte_order_mark_and_numbers_of_any_length_are_taken(api, body):
    response = api.send("POST", TASKS, body)

    assert (response.status_code, response.json()["title"]) == (201, "x")


def test_unknown_members_are_ignored_and_nobody_chooses_id_or_owner(api):
    other = "01980000-0000-7000-8000-000000000000"

    task = api.create(id=other, user_id="stranger", created_at="2000-01-01T00:00:00Z", extra={"a": [1]})

    assert task["id"] != other
    assert task["user_id"] == OWNER
    assert task["created_at"] > "2026"
    assert api.tasks("stranger") == []


def test_of_duplicate_members_the_last_counts(api):
    response = api.send("POST", TASKS, b'{"title": "first", "title": "last"}')

    assert response.json()["title"] == "last"


def test_create_sends_one_statement(api, statements):
    api.create()

    assert len(statements) == 1


def test_ids_of_one_millisecond_sort_by_creation(api):
    created = [api.create()["id"] for _ in range(20)]

    assert created == sorted(created)
