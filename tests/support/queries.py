"""Requests with a query, and the problems that an answer names."""

from urllib.parse import quote

from tests.conftest import OWNER


def url(query, path):
    """The path with the query, each value of which is escaped as a whole."""
    return f"{path}?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())


def problems_of(response):
    """The place and the type of each problem, in the order of the answer."""
    for problem in response.json()["detail"]:
        assert list(problem) == ["loc", "msg", "type"]
        assert problem["msg"]
    return [(problem["loc"], problem["type"]) for problem in response.json()["detail"]]


def next_of(response):
    """The path in `Link`, or None on the last page."""
    link = response.headers.get("Link")
    if link is None:
        return None
    assert link.startswith("<")
    assert link.endswith('>; rel="next"')
    return link[1:].partition(">")[0]


def following(api, query):
    """The path of the second page of the owner's list."""
    return next_of(api.send("GET", f"/api/{OWNER}/tasks?{query}"))


def pages_of(api, path):
    """The answers from this path on, until one has no `Link`. A walk that does not end fails."""
    responses = []
    while path:
        assert len(responses) < 100
        responses.append(api.send("GET", path))
        path = next_of(responses[-1])
    return responses
