"""What commands write is UTF-8, and no character ends one, in any locale of the machine."""

import json

import pytest

from tasks.bulk.loading import insert
from tests.support.commands import live_url, row, start

OWNER = "😀 Zoë"
pytestmark = pytest.mark.run_once("sqlite")
LOCALES = [
    {"PYTHONIOENCODING": "cp1252"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
]


@pytest.fixture(params=LOCALES, ids=lambda variables: next(iter(variables.values())))
def ended(request, transactional_db, tmp_path):
    """Runs a command in the locale, on a database with two tasks of the owner: exit code, stdout, stderr."""
    insert([row(1, OWNER, title="Café → 東京"), row(2, OWNER)])
    url = live_url(tmp_path)

    def run(name, *arguments, input=None):
        with start(url, name, *arguments, variables=request.param) as process:
            out, err = process.communicate(input)
        return process.returncode, out.decode(), err.decode()

    return run


def test_receipt_is_written_and_the_tasks_are_gone(ended):
    code, out, err = ended("erase_user", OWNER, "--no-input")
    receipt = json.loads(out)
    assert (code, receipt["user_id"], receipt["tasks"]) == (0, OWNER, 2)
    assert err == f"This erases 2 tasks of user {OWNER} for good.\n"
    assert ended("export_tasks", "-v0") == (0, "", "")


def test_tables_and_pages_are_written(ended):
    code, out, err = ended("task_stats")
    assert (code, err) == (0, "")
    assert f"  {OWNER}  " in out
    assert ended("task_stats", "--format=json")[0] == 0
    code, out, err = ended("doctor")
    assert "→" in out
    assert err.startswith("Faults: ")


def test_export_of_one_user_by_a_word(ended):
    code, out, _ = ended("export_tasks", "--user-id", OWNER, "-q", "CAFÉ", "-v0")
    assert (code, json.loads(out)["title"]) == (0, "Café → 東京")


def test_file_with_such_a_name_is_no_traceback(ended):
    code, out, err = ended("import_tasks", "/no/東京.jsonl")
    assert (code, out) == (1, "")
    assert err.endswith(".jsonl: No such file or directory\n")


def test_answer_that_is_no_text_is_no_yes(ended):
    code, _, err = ended("erase_user", OWNER, input=b"y\xe9s\n")
    assert code == 1
    assert err.endswith("Not confirmed: nothing was changed. In a script, use --no-input.\n")


def test_user_id_that_is_not_utf8_is_refused(ended):
    code, _, err = ended("erase_user", b"Zo\xeb", "--no-input")
    assert (code, err) == (1, "argument user_id: A user id is UTF-8 without control characters and slashes\n")


@pytest.mark.parametrize(("output", "said"), [(">/dev/full", "No space left on device\n"), ("| :", "")])
@pytest.mark.parametrize("words", [["help"], ["check"], ["showmigrations"]])
def test_output_that_cannot_be_written_is_no_traceback(transactional_db, tmp_path, words, output, said):
    with start(live_url(tmp_path), *words, shell=output) as process:
        assert process.communicate()[1].decode() == said


@pytest.mark.parametrize("is_in_file", [True, False])
def test_setting_that_the_locale_cannot_read_is_refused_in_a_sentence(tmp_path, is_in_file):
    file, setting = tmp_path / "env", {"METRICS_TOKEN": "é" * 16}
    file.write_text("METRICS_TOKEN=" + "é" * 16, encoding="utf-8")
    variables = LOCALES[1] | ({"ENV_FILE": str(file)} if is_in_file else setting)
    with start(f"sqlite:///{tmp_path}/db.sqlite3", "check", variables=variables) as process:
        said = process.communicate()[1].decode()
    assert said == "METRICS_TOKEN has characters that this locale cannot read: set PYTHONUTF8=1.\n"
