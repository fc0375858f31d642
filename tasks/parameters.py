"""What may be asked of a list: the query parameters, as the service reads them and the OpenAPI document shows them."""

from tasks.cursors import read_cursor
from tasks.filters import SORTS
from todo_project.api.query import QueryParameter, boolean, choice, integer, moment, moment_rounded_up, words

LIMIT_MAX = 1_000
# A process of PostgreSQL keeps 32 regular expressions compiled.
WORDS_MAX_LENGTH, WORDS_MAX_COUNT = 500, 20
SEARCH = words(WORDS_MAX_LENGTH, WORDS_MAX_COUNT)
TIME = {"type": "string", "format": "date-time"}
SORT_NAMES = ["CreatedAt", "CreatedAtDescending", "UpdatedAt", "UpdatedAtDescending"]
A_TIME = "2026-01-31T12:00:00Z"

FILTER_PARAMETERS = (
    QueryParameter("is_completed", boolean, "Only completed tasks, or only open ones.", {"type": "boolean"}, False),
    QueryParameter(
        "q",
        SEARCH,
        "Words, each of which must stand in the title or the description, letter case aside: "
        f"{WORDS_MAX_COUNT} at the most.",
        {"type": "string", "minLength": 1, "maxLength": WORDS_MAX_LENGTH, "pattern": r"^\s*[^\s\x00][^\x00]*$"},
        "milk",
    ),
    QueryParameter("created_after", moment, "Only tasks that were created after that time.", TIME, A_TIME),
    QueryParameter("created_before", moment_rounded_up, "Only tasks that were created before that time.", TIME, A_TIME),
    QueryParameter("updated_after", moment, "Only tasks whose last change came after that time.", TIME, A_TIME),
    QueryParameter(
        "updated_before", moment_rounded_up, "Only tasks whose last change came before that time.", TIME, A_TIME
    ),
)
LIST_PARAMETERS = (
    *FILTER_PARAMETERS,
    QueryParameter(
        "sort",
        choice(*SORTS),
        "The order, `created_at` by default; with `-` the newest come first. By `updated_at` a task that changes "
        "meanwhile may come twice or not at all: to fetch all tasks, sort by `created_at`.",
        # Not its default: generated clients would send that each time. The names keep some from making VALUE_1 of "-…".
        {"type": "string", "enum": list(SORTS), "x-enum-varnames": SORT_NAMES},
        "-created_at",
    ),
    QueryParameter(
        "limit",
        integer(1, LIMIT_MAX),
        "The tasks of one page. Where there are more, the header `Link` leads to the next page.",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX},
        50,
    ),
    QueryParameter(
        "cursor",
        read_cursor,
        "Where the page begins: from the `Link` of the page before it, and from nowhere else.",
        {"type": "string"},
        "AAAGYTzU12wUAaIb3GAberOi8DdNVRfBT4i9OJBe2NuY",
    ),
)
