"""Paths, names and methods that are not what they seem. Each row: its name, the request, the status, the shape."""

from tests.support.wire import BAD_HOST, REFUSED, request, with_body

ID = "01890000-0000-7000-8000-000000000000"
NO_TASK = "Task not found"
NO_PATH = "Not found"
BAD_NAME = ["path.user_id value_error"]
TITLE = b'{"title": "a"}'
STATE = b'{"is_completed": true}'
LIST = "/api/nobody/tasks"
BAD_STATE = "query.is_completed bool_parsing"


def get(target, *headers, **options):
    return request("GET", target, *headers, **options)


def list_of(user_id):
    return get(f"/api/{user_id}/tasks")


def get_task(task_id):
    return get(f"/api/hostile/tasks/{task_id}")


def unknown(name):
    return f"query.{name} extra_forbidden"


def not_allowed(method):
    return f'Method "{method}" not allowed.'


USER_IDS = [
    ("no user id", list_of(""), 422, ["path.user_id string_too_short"]),
    ("%00", list_of("%00"), 422, BAD_NAME),
    ("%00 in the middle", list_of("a%00b"), 422, BAD_NAME),
    ("%0A", list_of("a%0A"), 422, BAD_NAME),
    ("%0D%0A and a header", list_of("a%0D%0AX-Injected:%201"), 422, BAD_NAME),
    ("%7F", list_of("%7F"), 422, BAD_NAME),
    ("%C2%85", list_of("%C2%85"), 422, BAD_NAME),
    ("%2F", list_of("a%2Fb"), 422, BAD_NAME),
    ("%2f%2e%2e%2f", list_of("%2f%2e%2e%2fadmin"), 422, BAD_NAME),
    ("%ff", list_of("%ff"), 422, BAD_NAME),
    ("an overlong slash", list_of("%c0%af"), 422, BAD_NAME),
    ("an overlong NUL", list_of("%c0%80"), 422, BAD_NAME),
    ("a surrogate in UTF-8", list_of("%ed%a0%80"), 422, BAD_NAME),
    ("past the last code point", list_of("%f4%90%80%80"), 422, BAD_NAME),
    ("cut UTF-8", list_of("%e2%82"), 422, BAD_NAME),
    ("255 characters", list_of("a" * 255), 200, []),
    ("256 characters", list_of("a" * 256), 422, ["path.user_id string_too_long"]),
    ("255 characters of 4 bytes", list_of("%F0%9F%98%80" * 255), 200, []),
    ("256 characters of 4 bytes", list_of("%F0%9F%98%80" * 256), 422, ["path.user_id string_too_long"]),
    ("too long, and a control", list_of("a" * 256 + "%00"), 422, ["path.user_id string_too_long", *BAD_NAME]),
    ("% alone", list_of("%"), 200, []),
    ("% and no digits", list_of("%zz"), 200, []),
    ("half an escape", list_of("%2"), 200, []),
    ("an escaped percent", list_of("%2500"), 200, []),
    ("blanks", list_of("%20%20"), 200, []),
    ("dots", list_of(".."), 200, []),
    ("escaped dots", list_of("%2e%2e"), 200, []),
    ("SQL", list_of("'%20OR%201=1--"), 200, []),
    ("semicolons", list_of("a;b=c"), 200, []),
    ("a plus sign", list_of("a+b"), 200, []),
    ("a noncharacter", list_of("%EF%BF%BF"), 200, []),
    ("another case", list_of("HOSTILE"), 200, []),
    ("decomposed", list_of("e%CC%81"), 200, []),
    ("a bad name and a bad body", with_body("POST", "/api/%ff/tasks", b"{}"), 422, [*BAD_NAME, "body.title missing"]),
    ("a bad name and no JSON", with_body("PUT", f"/api/%00/tasks/{ID}", b"{"), 422, [*BAD_NAME, "body json_invalid"]),
    ("%ff and no such task", get(f"/api/%ff/tasks/{ID}"), 422, BAD_NAME),
    ("%ff in a whole URL", get("http://localhost/api/%ff/tasks"), 422, BAD_NAME),
    ("%2F in a whole URL", get("http://localhost/api/a%2Fb/tasks"), 422, BAD_NAME),
    ("%00 in a whole URL", get("http://localhost/api/%00/tasks"), 422, BAD_NAME),
]

TASK_IDS = [
    ("a word", get_task("x"), 404, NO_TASK),
    ("a number", get_task("1"), 404, NO_TASK),
    ("minus one", get_task("-1"), 404, NO_TASK),
    ("an id that never was", get_task(ID), 404, NO_TASK),
    ("upper case", get_task(ID.replace("8", "A").upper()), 404, NO_TASK),
    ("in braces", get_task("{" + ID + "}"), 404, NO_TASK),
    ("a URN", get_task(f"urn:uuid:{ID}"), 404, NO_TASK),
    ("without hyphens", get_task(ID.replace("-", "")), 404, NO_TASK),
    ("a digit short", get_task(ID[:-1]), 404, NO_TASK),
    ("a digit long", get_task(ID + "0"), 404, NO_TASK),
    ("blanks around", get_task(f"%20{ID}%20"), 404, NO_TASK),
    ("a line end after", get_task(f"{ID}%0A"), 404, NO_TASK),
    ("%00", get_task("%00"), 404, NO_TASK),
    ("%00 after", get_task(f"{ID}%00"), 404, NO_TASK),
    ("%ff", get_task("%ff"), 404, NO_TASK),
    ("%2F", get_task("%2F"), 404, NO_TASK),
    ("other scripts' digits", get_task("%D9%A0" * 32), 404, NO_TASK),
    ("wide letters", get_task("%EF%BD%81" * 32), 404, NO_TASK),
    ("3,000 characters", get_task("a" * 3000), 404, NO_TASK),
    ("SQL", get_task("'%20OR%20'1'='1"), 404, NO_TASK),
    ("a wildcard", get_task("%25"), 404, NO_TASK),
    ("dots", get_task(".."), 404, NO_TASK),
    (
        "no UUID, and a wrong body",
        with_body("PUT", "/api/hostile/tasks/x", b'{"title": 1}'),
        422,
        ["body.title string_type"],
    ),
    ("no UUID to toggle", request("PATCH", "/api/hostile/tasks/x/complete"), 404, NO_TASK),
    ("no UUID to set", with_body("PATCH", "/api/hostile/tasks/x/complete", b"[]"), 422, ["body model_type"]),
    ("no UUID to delete", request("DELETE", "/api/hostile/tasks/x"), 404, NO_TASK),
]

PATHS = [
    ("a slash at the end", get("/api/hostile/tasks/"), 404, NO_PATH),
    ("a slash after an id", get(f"/api/hostile/tasks/{ID}/"), 404, NO_PATH),
    ("two slashes", get("//api/hostile/tasks"), 404, NO_PATH),
    ("two slashes inside", get("/api//hostile/tasks"), 404, NO_PATH),
    ("a dot segment", get("/api/./hostile/tasks"), 404, NO_PATH),
    ("out of the root", get("/../../etc/passwd"), 404, NO_PATH),
    ("out of the static files", get("/static/../../manage.py"), 404, NO_PATH),
    ("out of them, escaped", get("/static/%2e%2e/%2e%2e/manage.py"), 404, NO_PATH),
    ("a static file of NUL", get("/static/%00"), 404, NO_PATH),
    ("a static file of %ff", get("/static/%ff.js"), 404, NO_PATH),
    ("a backslash", get("/api\\hostile\\tasks"), 404, NO_PATH),
    ("a NUL", get("/%00"), 404, NO_PATH),
    ("another case", get("/API/hostile/tasks"), 404, NO_PATH),
    ("4,000 characters", get("/" + "a" * 4000), 404, NO_PATH),
    ("a query of anything", get("/api/nobody/tasks?%ff=%00&&=&a[]=;#"), 200, []),
    ("a fragment", get("/api/%6eobody/tasks#x"), 200, []),
    ("a whole URL", get("http://localhost/api/nobody/tasks"), 200, []),
    ("a whole URL of another host", get("http://evil.example/api/nobody/tasks"), 400, BAD_HOST),
    ("an asterisk", request("OPTIONS", "*"), 404, NO_PATH),
    ("a host and a port", request("CONNECT", "localhost:443"), 404, NO_PATH),
    ("an asterisk to get", get("*"), 400, REFUSED),
    ("no slash before", get("api/hostile/tasks"), 400, REFUSED),
    ("a raw byte", get(b"/api/\xff/tasks"), 400, REFUSED),
    ("raw UTF-8", get("/api/é/tasks"), 400, REFUSED),
    ("an empty target", get(""), 400, REFUSED),
    ("a line of 9,000 characters", get("/" + "a" * 9000), 414, REFUSED),
    ("an open bracket in a whole URL", get("http://[::1/api/nobody/tasks"), 400, REFUSED),
]

METHODS = [
    (f"{method} a list", request(method, "/api/nobody/tasks"), 405, not_allowed(method))
    for method in ("PUT", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PURGE", "QUERY")
]
METHODS += [
    (f"{method} a batch", request(method, "/api/nobody/tasks/batch"), 405, not_allowed(method))
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS")
]
METHODS += [
    (f"{method} a task", request(method, f"/api/nobody/tasks/{ID}"), 405, not_allowed(method))
    for method in ("POST", "PATCH", "OPTIONS", "TRACE", "COPY")
]
METHODS += [
    (f"{method} a state", request(method, f"/api/nobody/tasks/{ID}/complete"), 405, not_allowed(method))
    for method in ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
]
METHODS += [
    ("an unknown method", request("NONSENSE", "/api/nobody/tasks"), 400, REFUSED),
    ("a method of special characters", request("A!$&'*+.^_`|~", "/api/nobody/tasks"), 400, REFUSED),
    ("posting to the root", with_body("POST", "/", TITLE), 405, not_allowed("POST")),
    ("deleting health", request("DELETE", "/health"), 405, not_allowed("DELETE")),
    ("a method overridden", get("/api/nobody/tasks", "X-HTTP-Method-Override: DELETE"), 200, []),
    ("lower case", request("get", "/api/nobody/tasks"), 400, REFUSED),
    ("two letters", request("GO", "/api/nobody/tasks"), 400, REFUSED),
    ("21 letters", request("A" * 21, "/api/nobody/tasks"), 400, REFUSED),
    ("a method of brackets", request("G(T)", "/api/nobody/tasks"), 400, REFUSED),
    ("no method", request("", "/api/nobody/tasks"), 400, REFUSED),
]
METHODS = [(name, sent, status, None if sent.startswith(b"HEAD") else said) for name, sent, status, said in METHODS]

# An escaped byte may be part of a name, or make the name invalid. A raw one is refused: nothing may guess its meaning.
BYTES = [
    (f"raw {byte:02x}", get(b"/api/a%cb/tasks" % byte), 400, REFUSED) for byte in (*range(0x21), 0x7F, 0x80, 0xA0, 0xFE)
]

QUERIES = [
    ("deleting all", request("DELETE", LIST), 422, ["query missing"]),
    ("deleting all, with a question mark", request("DELETE", f"{LIST}?"), 422, ["query missing"]),
    ("deleting by a body", with_body("DELETE", LIST, b'{"is_completed": true}'), 422, ["query missing"]),
    ("deleting by a header", request("DELETE", LIST, "Is-Completed: true"), 422, ["query missing"]),
    ("deleting by a list", request("DELETE", f"{LIST}?is_completed[]=true"), 422, [unknown("is_completed[]")]),
    ("deleting by an escaped NUL", request("DELETE", f"{LIST}?q=%00"), 422, ["query.q value_error"]),
    ("deleting by %ff", request("DELETE", f"{LIST}?q=%ff"), 422, ["query.q value_error"]),
    ("deleting by half an escape", request("DELETE", f"{LIST}?is_completed=true%"), 422, [BAD_STATE]),
    ("deleting by two of one name", request("DELETE", f"{LIST}?q=a&q=b"), 422, ["query.q value_error"]),
    ("deleting by a semicolon", request("DELETE", f"{LIST}?is_completed=true;q=a"), 422, [BAD_STATE]),
    ("deleting nothing", request("DELETE", f"{LIST}?is_completed=true"), 200, {"deleted": 0}),
    ("completing without a body", request("PATCH", LIST), 422, ["body missing"]),
    ("completing by a misspelt name", with_body("PATCH", f"{LIST}?qq=a", STATE), 422, [unknown("qq")]),
    ("completing nothing", with_body("PATCH", LIST, STATE), 200, {"updated": 0}),
    ("a cursor of 8,000 characters", get(f"{LIST}?cursor={'A' * 8000}"), 422, ["query.cursor value_error"]),
    ("1,000 parameters", get(f"{LIST}?{'a&' * 1000}q=b"), 200, []),
    ("1,000 limits", get(f"{LIST}?{'limit=1&' * 1000}"), 422, ["query.limit value_error"]),
    ("a limit of 8,000 digits", get(f"{LIST}?limit={'9' * 8000}"), 422, ["query.limit value_error"]),
    ("a time of 8,000 digits", get(f"{LIST}?created_after=2026-01-01T00:00:00.{'9' * 8000}Z"), 200, []),
    ("a query of raw bytes", get(b"/api/nobody/tasks?q=\xff"), 400, REFUSED),
    ("a query of raw UTF-8", get(f"{LIST}?q=é"), 400, REFUSED),
    ("a filter of a whole URL", get(f"http://localhost{LIST}?limit=0"), 422, ["query.limit value_error"]),
    ("deleting all of a whole URL", request("DELETE", f"http://localhost{LIST}?"), 422, ["query missing"]),
]

ROWS = {"query": QUERIES, "user id": USER_IDS, "task id": TASK_IDS, "path": PATHS, "method": METHODS, "byte": BYTES}
