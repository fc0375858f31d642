"""Believable tasks to try things with. The same numbers make the same tasks on any day."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tasks.identifiers import uuid7_at
from todo_project.database.statements import Row

START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
TITLES = {
    "Book": ("a table for four", "the train to Basel", "a room for the workshop", "the dentist", "flights for May"),
    "Buy": ("milk and eggs", "light bulbs", "a birthday card", "printer paper", "tickets", "coffee beans"),
    "Call": ("the bank", "the landlord", "the insurance company", "the school", "the garage about the brakes"),
    "Clean": ("the fridge", "the windows", "the inbox", "the bike", "up the shared folder"),
    "Fix": ("the kitchen tap", "the flaky test", "the broken link on the home page", "the printer", "the back door"),
    "Pay": ("the electricity bill", "the rent", "the invoice of last month", "the parking ticket"),
    "Plan": ("the summer holiday", "the next sprint", "the move", "the team lunch", "the week"),
    "Read": ("the contract", "the release notes", "chapter 7", "the report on energy use", "the minutes"),
    "Renew": ("the passport", "the library card", "the domain", "the certificate", "the gym membership"),
    "Return": ("the library books", "the parcel", "the drill", "the keys"),
    "Review": ("the pull request", "the budget", "the design draft", "the job applications", "the translations"),
    "Write": ("the monthly report", "a thank-you note", "the agenda", "the post-mortem", "a shopping list"),
}
PLAIN_TITLES = tuple(f"{verb} {rest}" for verb, ends in TITLES.items() for rest in ends)
OTHER_TITLES = ("Müll rausbringen", "Réserver le café ☕", "買い物リストを書く", "Позвонить маме", "🎂 Order the cake")
ENDINGS = ("", "", "", "", " before Friday", " this week", " (again)", ", urgent", " for the whole team", " tomorrow")
SENTENCES = (
    "Ask what it costs first.",
    "See the e-mail from Monday.",
    "Nothing fancy, the small one will do.",
    "They close at six.",
    "Blocked until the parts arrive.",
    'Look for the folder named "current".',
    "Two copies, one for the file.",
    "https://example.com/notes/42",
    "- first the list\n- then the order\n- then the receipt",
)


def seeded_rows(seed: int, tasks: int, users: int, user_id: str | None = None) -> Iterator[Row]:
    """`tasks` rows over one year, oldest first, of user-1 to user-`users`, or all of `user_id`.

    Each user has at least one, and the first users have many more than the last.
    """
    random_ = random.Random(f"{seed} {tasks} {users} {user_id}")  # noqa: S311 -- the same each time, not secret
    for number in range(tasks):
        created_at = START + YEAR * ((number + random_.random()) / tasks)
        place = number if number < users else int(users * random_.random() ** 2)
        # Most old tasks are completed.
        is_completed = random_.random() < 0.85 - 0.6 * number / tasks
        is_touched = is_completed or random_.random() < 0.3
        yield {
            "id": uuid7_at(created_at, random_.getrandbits(62)),
            "user_id": user_id or f"user-{place + 1}",
            "title": title(random_),
            "description": description(random_),
            "is_completed": is_completed,
            "created_at": created_at,
            "updated_at": created_at + (timedelta(days=20) * random_.random() ** 3 if is_touched else timedelta()),
        }


def title(random_: random.Random) -> str:
    if random_.random() < 0.05:
        return random_.choice(OTHER_TITLES)
    return random_.choice(PLAIN_TITLES) + random_.choice(ENDINGS)


def description(random_: random.Random) -> str | None:
    kind = random_.random()
    if kind < 0.55:
        return None
    if kind < 0.6:
        return ""
    return "\n\n".join(random_.choices(SENTENCES, k=1 if kind < 0.9 else 5))
