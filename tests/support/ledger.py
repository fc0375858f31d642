"""What one client asked and was answered, and whether what is there in the end agrees with it."""

from collections import Counter
from dataclasses import replace

from tests.support.client import REFUSED
from tests.support.history import Operation, is_linearizable


class Ledger:
    """Only this client changes its tasks, so every answer that it got must still hold."""

    def __init__(self):
        self.histories = {}
        # The ids of the tasks that one request made, by the word that is in their descriptions.
        self.made = {}
        # Of each create without an answer: either all of its tasks are there, or none is.
        self.doubtful_titles = []
        self.wrong_counts = []

    def record_create(self, word, bodies, operation):
        """`operation` answers with the tasks that it made of the bodies."""
        tasks = operation.answer if isinstance(operation.answer, list) else [operation.answer]
        for body, task in zip(bodies, tasks, strict=True):
            self.histories[task["id"]] = [replace(operation, body=body, answer=task)]
        self.made[word] = [task["id"] for task in tasks]
        return {task["id"]: task for task in tasks}

    def record(self, task_id, operation):
        history = self.histories[task_id]
        # Of a write with a tag that is sent again and again, at most one is done. All without an answer count as one.
        is_again = operation.condition is not None and operation.condition == history[-1].condition
        tells_nothing = not operation.is_known and (is_again or operation.method == "GET")
        if operation.status != REFUSED and not tells_nothing:
            history.append(operation)

    def wrong(self, tasks):
        """What differs from the answers: writes lost, done twice, in part or at random, or refused without a reason."""
        there = {task["id"]: task for task in tasks}
        unexplained = [
            history for task_id, history in self.histories.items() if not explains(history, there.get(task_id))
        ]
        titles = Counter(task["title"] for task_id, task in there.items() if task_id not in self.histories)
        made_in_part = [
            group for group in self.doubtful_titles if {titles.pop(title, 0) for title in group} not in ({0}, {1})
        ]
        return unexplained + self.wrong_counts + made_in_part + list(titles)


def explains(history, task):
    """Whether this task, or its absence where it is None, can be the result of the history."""
    return is_linearizable([*history, Operation("GET", None).answered(200 if task else 404, task or {})])
