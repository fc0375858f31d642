"""Decides whether an answer is in the contract, for any request."""

import json

from tests.support.wire import REFUSED, exchange

REFUSALS = {400, 413, 414, 417, 431}
TASK = ["id", "user_id", "title", "description", "is_completed", "created_at", "updated_at"]
PROBLEM = {"loc", "msg", "type"}
PLACES = ("path", "query", "header", "body")
COUNTS = (["updated"], ["deleted"])


def is_known(answer):
    """Whether the answer is in the contract. gunicorn may also refuse bytes that are not a request with a 4xx."""
    if answer.shape == REFUSED:
        return answer.status in REFUSALS
    if answer.status == 304:
        return answer.body == b"" and "etag" in answer.headers
    said = json.loads(answer.body)
    if answer.status == 422:
        return all(set(problem) == PROBLEM and problem["loc"][0] in PLACES for problem in said["detail"])
    if answer.status >= 400:
        return answer.status < 500 and list(said) == ["detail"] and isinstance(said["detail"], str)
    return isinstance(said, list) or list(said) == TASK or list(said) in COUNTS


def fault_of(port, sent):
    """What is wrong with the answers to the requests of one connection, or None."""
    try:
        answers = exchange(port, b"".join(sent), deadline=60)
    except (OSError, ValueError) as error:
        return sent, error
    unknown = [answer for answer in answers if not is_known(answer)]
    return (sent, unknown, len(answers)) if unknown or (len(sent) > 1 and len(answers) != len(sent)) else None
