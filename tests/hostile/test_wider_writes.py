"""However odd the query of a bulk write is, it reaches no task beyond those that it asks for. Over real sockets."""

import json

import pytest

from tests.support.wire import chunked, exchange, request, with_body

STATE = b'{"is_completed": true}'
TITLES = ["milk", "bread", "a_b", "x", "true", "is_completed=true", "&", "#", "null"]
# A bulk write with each of these is refused.
REFUSED = [
    "",
    "?",
    "?&",
    "?&&&",
    "?=",
    "?=&=",
    "??",
    "?is_completed",
    "?is_completed=",
    "?is_completed=&",
    "?is_completed=%00",
    "?is_completed=true%00",
    "?is_completed%00=true",
    "?is_completed=true%00&q=milk",
    "?q=%00",
    "?q=milk%00",
    "?q=%00milk",
    "?q",
    "?q=",
    "?q=+",
    "?q=%20%09%0A",
    "?q=%E2%80%83",
    "?q=%ff",
    "?q=milk%ff",
    "?q=%c0%80",
    "?q=milk&q=",
    "?q=milk&q=bread",
    "?q=milk&q",
    "?is_completed[]=false",
    "?is_completed%5b%5d=false",
    "?is_completed[0]=false",
    "?is_completed[ne]=true",
    "?q[]=milk",
    "?q[]=milk&q[]=bread",
    "?q[or]=milk",
    "?filter[q]=milk",
    "?filter={}",
    '?filter={"q":"milk"}',
    "?q.contains=milk",
    "?q__icontains=milk",
    "?q!=milk",
    "?is_completed!=true",
    "?is_completed<>true",
    "?Q=milk",
    "?q%20=milk",
    "?%20q=milk",
    "?%00q=milk",
    "?q%ff=milk",
    "?%ff=%ff",
    "?is_completed=false,true",
    "?is_completed=false;q=milk",
    "?is_completed=false&limit=1",
    "?is_completed=false&sort=created_at",
    "?is_completed=false&cursor=x",
    "?is_completed=false&ids=x",
    "?is_completed=false&Q=milk",
    "?is_completed=false&q[]=milk",
    "?is_completed=false&q%00=milk",
    "?is_completed=false&=milk",
    "?is_completed=false&milk",
    "?is_completed=false&is_completed=false",
    "?is_completed=false?q=milk",
    "?created_before=",
    "?created_before=now",
    "?created_before=9999",
    "?created_before=9999-12-31",
    "?created_before=9999-12-31T00:00:00",
    "?created_before=9999-12-31T00:00:00+00:00",
    "?created_before=9999-12-31T00:00:00Z%00",
    "?created_before=9999-12-31T00:00:00Z&created_before=1970-01-01T00:00:00Z",
    "?created_before[]=9999-12-31T00:00:00Z",
    "?created_before=99999-12-31T00:00:00Z",
    "?created_after=-1",
    "?id=x",
    "?user_id=other",
    "?" + "&".join(f"is_completed={state}" for state in ["false", "true"] * 200),
    "?q=" + "x" * 7_000,
]
# Each of these is one filter, and nothing matches it.
EMPTY = ["?q=%25", "?q=%", "?q=*", "?q=.%2B", "?q=%5C", "?q=a%25b", "?q=a.b", "?q=m_lk", "?q=milk%25", "?q=milk+bread"]
EMPTY += ["?q='%20OR%201=1--", "?q=%2500", "?q=%23x", "?is_completed=true", "?created_before=0001-01-01T00:00:00Z"]
EMPTY += ["?created_after=9999-12-31T23:59:59.999999Z", "?updated_before=1970-01-01T00:00:00-23:59"]


@pytest.fixture(scope="module")
def paths(service):
    """The lists of two users with the same tasks, all of them open. The second one's is never asked for."""
    lists = ["/api/wide/tasks", "/api/other/tasks"]
    body = json.dumps({"tasks": [{"title": title} for title in TITLES]}).encode()
    for path in lists:
        [answer] = exchange(service.port, with_body("POST", f"{path}/batch", body))
        assert answer.status == 201
    return lists


def listed(service, paths):
    return [exchange(service.port, request("GET", path))[0].body for path in paths]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_query_that_is_not_understood_changes_nothing(service, paths, method):
    before = listed(service, paths)
    for query in REFUSED:
        # Only a DELETE needs a filter.
        if method == "DELETE" or query.strip("?&"):
            [answer] = exchange(service.port, with_body(method, paths[0] + query, STATE))
            assert answer.status in (400, 422), query
        assert listed(service, paths) == before, query


@pytest.mark.parametrize(("method", "counted"), [("DELETE", {"deleted": 0}), ("PATCH", {"updated": 0})])
def test_filter_that_nothing_matches_changes_nothing(service, paths, method, counted):
    before = listed(service, paths)
    for query in EMPTY:
        [answer] = exchange(service.port, with_body(method, paths[0] + query, STATE))
        assert (query, answer.status, answer.shape) == (query, 200, counted)
        assert listed(service, paths) == before, query


TARGETS = ["/api/wide/tasks/?q=milk", "/api/wide/tasks;q=milk", "/api/wide/tasks%3Fq=milk", "/api/wide/tasks%00?q=milk"]
TARGETS += ["/api/wide//tasks?q=milk", "/api/wide/tasks/%20?q=milk", "/api/wide/tasks/batch?q=milk"]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_path_beside_the_list_changes_nothing(service, paths, method):
    before = listed(service, paths)
    for target in TARGETS:
        [answer] = exchange(service.port, with_body(method, target, STATE))
        assert answer.status in (404, 405, 422), target
    assert listed(service, paths) == before


FRAMINGS = {
    "a chunked body": chunked("DELETE", "/api/wide/tasks", body=b"4\r\nq=mi\r\n2\r\nlk\r\n0\r\n\r\n"),
    "a form": with_body("DELETE", "/api/wide/tasks", b"q=milk", content_type="application/x-www-form-urlencoded"),
    "another method in a header": request("GET", "/api/wide/tasks?q=milk", "X-HTTP-Method-Override: DELETE"),
    "another method in the query": request("GET", "/api/wide/tasks?q=milk&_method=DELETE"),
    "another URL in a header": request("DELETE", "/api/wide/tasks", "X-Original-URL: /api/wide/tasks?q=milk"),
    "a query string in a header": request("DELETE", "/api/wide/tasks", "QUERY_STRING: q=milk", "Query-String: q=milk"),
    "a filter in a cookie": request("DELETE", "/api/wide/tasks", "Cookie: q=milk"),
    "a condition": request("DELETE", "/api/wide/tasks?q=milk", "If-Match: *"),
    "two conditions": request("DELETE", "/api/wide/tasks?q=milk", "If-Match: *", 'If-Match: "a"'),
}


@pytest.mark.parametrize("name", FRAMINGS)
def test_filter_that_stands_elsewhere_deletes_nothing(service, paths, name):
    before = listed(service, paths)
    exchange(service.port, FRAMINGS[name])
    assert listed(service, paths) == before


def test_filter_reaches_what_it_names_and_no_more(service, paths):
    """Last in this module: it deletes."""
    before, left = listed(service, paths), list(TITLES)
    asked = {"?q=%23": "#", "?q=%26": "&", "?q=a_b": "a_b", "?q=MILK": "milk", "?q=n%75ll": "null"}
    for query, title in asked.items():
        [answer] = exchange(service.port, request("DELETE", paths[0] + query))
        assert (query, answer.shape) == (query, {"deleted": 1})
        left.remove(title)
        own, other = listed(service, paths)
        assert [task["title"] for task in json.loads(own)] == left
        assert other == before[1]
