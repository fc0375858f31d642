"""One JSON array of tasks, read an element at a time."""

import io
import json

import pytest

from tasks.interchange import arrays, recognition
from tests.support.commands import failing, row, run
from todo_project.api.renderers import dumps

pytestmark = pytest.mark.run_once("sqlite")


@pytest.mark.parametrize("size", range(1, 40))
def test_elements_do_not_depend_on_what_is_read_at_a_time(monkeypatch, size):
    monkeypatch.setattr(arrays, "CHUNK", size)
    written = [{"a": 'x"],[}{\\', "b": [[], {"c": "]"}]}, {}, {"d": "\\\\"}, 5, "e,"]
    text = json.dumps(written, indent=1).encode() + b"\n\n"
    file = recognition.beginning(io.BufferedReader(io.BytesIO(b" \n" + text)))[1]
    monkeypatch.setattr(arrays, "CHUNK", max(size, 3))
    assert [json.loads(element) for _, element in arrays.elements(file)] == written


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'[{"id": 1},', "The JSON array is cut short in task 2"),
        (b'[{"id": "1', "The JSON array is cut short in task 1"),
        (b'[{"a": 1}] [', "The file goes on behind the end of its JSON array"),
        (b'[{"a": "' + b"x" * 300_000 + b'"}]', "Task 1 of the JSON array is longer than 131072 bytes"),
        (b"[{" + b"[" * 300_000, "Task 1 of the JSON array is longer than 131072 bytes"),
    ],
)
def test_array_that_cannot_be_read_ends_in_one_sentence(db, tmp_path, content, sentence):
    (tmp_path / "tasks.json").write_bytes(content)
    _, said = failing("import_tasks", tmp_path / "tasks.json", "--format", "json")
    assert said == f"{sentence}. 0 created, 0 updated, 0 skipped."


def test_bad_element_is_named_and_the_others_are_imported(db, tmp_path):
    (tmp_path / "tasks.json").write_bytes(b"[" + b",".join([dumps(row(1)), b"{5}", b"7", dumps(row(2))]) + b"]")
    said, _ = failing("import_tasks", tmp_path / "tasks.json")
    assert said == (
        "task 2: JSON decode error: Expecting property name enclosed in double quotes\n"
        "task 3: Input should be an object\n2 created, 0 updated, 0 skipped.\n"
    )


@pytest.mark.parametrize("name", ["tasks.json", "tasks.jsonl", "tasks"])
def test_empty_array_has_no_tasks(db, tmp_path, name):
    (tmp_path / name).write_bytes(b" [ ]\n")
    assert run("import_tasks", tmp_path / name) == ("", "0 created, 0 updated, 0 skipped.\n")
