"""The OpenAPI document says what the code does, in a form that every client generator understands."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from django.core.management import call_command

from tests.conftest import JSON
from tests.support.missing import not_installed
from todo_project.api.fields import WHITE_SPACE
from todo_project.settings import BASE_DIR, MAX_BODY_BYTES

TEXT = (BASE_DIR / "openapi.json").read_text()
DOCUMENT = json.loads(TEXT)
SCHEMAS = DOCUMENT["components"]["schemas"]
REQUESTS = {
    operation["operationId"]: (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
OPERATIONS = {operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()}
TITLE = SCHEMAS["TaskCreate"]["properties"]["title"]["pattern"]
DESCRIPTION = SCHEMAS["TaskCreate"]["properties"]["description"]["pattern"]
USER_ID = OPERATIONS["listTasks"]["parameters"][0]["schema"]["pattern"]
PATTERNS = [TITLE, DESCRIPTION, USER_ID]

# Prints the code points of the Basic Multilingual Plane that a pattern accepts.
PYTHON_TAKES = """
import json, re, sys
pattern = json.loads(sys.argv[1])
print(json.dumps([code for code in range(0x10000) if re.search(pattern, chr(code))]))
"""
NODE_TAKES = """
const pattern = new RegExp(JSON.parse(process.argv[1]), "u");
const codes = [...Array(0x10000).keys()].filter(code => pattern.test(String.fromCharCode(code)));
console.log(JSON.stringify(codes));
"""
# Tries a pattern on text as long as a body may be.
PYTHON_TRIES = """
import json, re, sys
pattern, size = json.loads(sys.argv[1]), int(sys.argv[2])
for unit in (" ", "a", "a ", "\\n"):
    for end in ("", "\\0", "a\\0"):
        re.search(pattern, unit * (size // len(unit)) + end)
"""
NODE_TRIES = """
const pattern = new RegExp(JSON.parse(process.argv[1])), size = Number(process.argv[2]);
for (const unit of [" ", "a", "a ", "\\n"])
    for (const end of ["", "\\0", "a\\0"])
        pattern.test(unit.repeat(size / unit.length) + end);
"""


def python(program, pattern, *arguments):
    return printed([sys.executable, "-c", program, json.dumps(pattern), *arguments])


def node(program, pattern, *arguments):
    if not shutil.which("node"):
        pytest.skip(not_installed("node", "nodejs"))
    return printed(["node", "-e", program, json.dumps(pattern), *arguments])


def printed(command):
    """Runs a separate process, because nothing else stops a slow pattern. A linear one needs 0.2 s for all texts."""
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def refused(run, program, pattern):
    return set(range(0x10000)) - set(json.loads(run(program, pattern)))


def test_committed_documents_are_what_the_code_says(api):
    assert api.send("GET", "/openapi.json").json() == DOCUMENT
    call_command("openapi", check=True)


def test_document_with_tokens_adds_the_scheme_and_what_it_answers():
    document = json.loads((BASE_DIR / "openapi-bearer.json").read_text())
    assert document["components"].pop("securitySchemes") == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    assert document.pop("security") == [{"bearer": []}]
    assert document.pop("components") == DOCUMENT["components"]
    for path, methods in document.pop("paths").items():
        for method, operation in methods.items():
            without = DOCUMENT["paths"][path][method]
            answers = operation.pop("responses")
            assert answers.keys() - without["responses"].keys() == {"403"}
            schemas = [
                answers[status]["content"]["application/json"]["schema"] for status in ("400", "401", "403", "503")
            ]
            assert schemas == [{"$ref": "#/components/schemas/ErrorDetail"}] * 4
            assert operation.pop("parameters")[0]["description"].endswith(" `me` is the user of the token.")
            assert operation.items() <= without.items()
    assert document.items() <= DOCUMENT.items()


def test_document_names_every_operation():
    assert REQUESTS == {
        "listTasks": ("GET", "/api/{user_id}/tasks"),
        "createTask": ("POST", "/api/{user_id}/tasks"),
        "createTasks": ("POST", "/api/{user_id}/tasks/batch"),
        "completeTasks": ("PATCH", "/api/{user_id}/tasks"),
        "deleteTasks": ("DELETE", "/api/{user_id}/tasks"),
        "getTask": ("GET", "/api/{user_id}/tasks/{task_id}"),
        "updateTask": ("PUT", "/api/{user_id}/tasks/{task_id}"),
        "deleteTask": ("DELETE", "/api/{user_id}/tasks/{task_id}"),
        "toggleTaskComplete": ("PATCH", "/api/{user_id}/tasks/{task_id}/complete"),
    }


def test_every_parameter_header_and_answer_has_an_example():
    for name, operation in OPERATIONS.items():
        described = list(operation["parameters"])
        for answer in operation["responses"].values():
            described += [*answer.get("headers", {}).values(), *answer.get("content", {}).values()]
        assert [each for each in described if not each.get("examples")] == [], name


def example(described):
    [only] = described["examples"].values()
    return only["value"]


def example_of_answer(name):
    [answer] = [answer for status, answer in OPERATIONS[name]["responses"].items() if status in ("200", "201")]
    headers = {name: example(header) for name, header in answer.get("headers", {}).items()}
    return example(answer["content"][JSON]), headers


def without_what_changes(text):
    return re.sub(r"[0-9a-f-]{36}", "ID", re.sub(r'20[^"]*Z', "TIME", json.dumps(text)))


@pytest.mark.parametrize(
    "name", ["listTasks", "createTask", "createTasks", "getTask", "updateTask", "deleteTask", "toggleTaskComplete"]
)
def test_example_of_the_answer_is_what_the_example_of_the_request_gets(api, name):
    task = api.create("user-42", title="Buy milk", description="Two litres")
    method, path = REQUESTS[name]
    body = OPERATIONS[name].get("requestBody")
    sent = example(body["content"][JSON]) if body else b""
    response = api.send(method, path.format(user_id="user-42", task_id=task["id"]), sent)
    assert without_what_changes(example_of_answer(name)[0]) == without_what_changes(response.json())


@pytest.mark.parametrize("name", ["createTask", "getTask", "toggleTaskComplete"])
def test_headers_of_an_example_are_those_of_its_task(name):
    task, headers = example_of_answer(name)
    assert headers["ETag"] == f'"{task["updated_at"]}"'
    assert headers.get("Location", task["id"]).endswith(task["id"])


def test_no_schema_has_a_name_that_languages_use_for_errors():
    of_tasks = ["Task", "TaskBatch", "TaskCompletion", "TaskCreate", "TaskState", "TaskUpdate", "Updated"]
    assert list(SCHEMAS) == ["Deleted", "ErrorDetail", "Invalid", "Message", "Problem", *of_tasks]


def test_no_member_is_read_only():
    assert "readOnly" not in TEXT


def test_each_body_is_declared_required_or_optional():
    bodies = {name: operation["requestBody"] for name, operation in OPERATIONS.items() if "requestBody" in operation}
    required = {name: body["required"] for name, body in bodies.items()}
    assert required == {
        "createTask": True,
        "createTasks": True,
        "completeTasks": True,
        "updateTask": True,
        "toggleTaskComplete": False,
    }


def test_no_text_has_a_backslash():
    # Generators copy these texts into docstrings, where Python warns of "\s".
    texts = re.findall(r'"(?:description|summary)": "(.*)"', TEXT)
    assert [text for text in texts if "\\" in text] == []


# Patterns


@pytest.mark.parametrize("pattern", PATTERNS)
def test_pattern_uses_only_what_every_language_reads(pattern):
    # Go and PCRE2 have no \u; a bare slash ends a pattern in PHP and Ruby; some generators break at U+2028.
    assert pattern.isascii()
    assert set(re.findall(r"\\.", pattern)) <= {r"\s", r"\x", r"\/"}
    assert not re.search(r"(?<!\\)/", pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(("run", "program"), [(python, PYTHON_TRIES), (node, NODE_TRIES)])
def test_pattern_takes_linear_time(pattern, run, program):
    assert run(program, pattern, str(MAX_BODY_BYTES)) == b""


@pytest.mark.parametrize(("run", "program"), [(python, PYTHON_TAKES), (node, NODE_TAKES)])
def test_pattern_of_the_user_id_refuses_control_characters_and_the_slash(run, program):
    assert refused(run, program, USER_ID) == {*range(0x20), *range(0x7F, 0xA0), ord("/")}


@pytest.mark.parametrize(("run", "program"), [(python, PYTHON_TAKES), (node, NODE_TAKES)])
def test_pattern_of_the_description_refuses_the_null_character(run, program):
    assert refused(run, program, DESCRIPTION) == {0}


@pytest.mark.parametrize(
    ("run", "program", "more", "fewer"),
    [(python, PYTHON_TAKES, {0x1C, 0x1D, 0x1E, 0x1F}, set()), (node, NODE_TAKES, {0xFEFF}, {0x85})],
)
def test_pattern_of_the_title_refuses_white_space_as_its_description_says(run, program, more, fewer):
    assert refused(run, program, TITLE) == {0, *map(ord, WHITE_SPACE), *more} - fewer
