"""How PostgreSQL executes the service's statements."""

import re
from dataclasses import asdict, dataclass

import psycopg

INDEX = re.compile(r"(?:using|Bitmap Index Scan on) (\w+)")
REMOVED = re.compile(r"Rows Removed by [^:]+: (\d+)")
BUFFERS = re.compile(r"Buffers: shared((?: \w+=\d+)+)")


@dataclass(frozen=True)
class Plan:
    """`removed`: the rows that were read and then dropped; `pages`: those that the whole statement touched."""

    indexes: list
    removed: int
    pages: int
    text: str


def explain(url, sent):
    """Executes a prepared statement (load/statements.py) as the service's connections do, and rolls back."""
    execute = f"EXECUTE measured ({', '.join(sent.values)})"
    with psycopg.connect(url) as connection:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(f"PREPARE measured AS {sent.sql}")
        rows = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {execute}").fetchall()
        connection.rollback()
    return asdict(parse("\n".join(line for (line,) in rows)))


def parse(text):
    buffers = BUFFERS.search(text)
    counts = dict(pair.split("=") for pair in buffers[1].split()) if buffers else {}
    return Plan(
        indexes=sorted(set(INDEX.findall(text))),
        removed=sum(map(int, REMOVED.findall(text))),
        pages=sum(int(counts.get(kind, 0)) for kind in ("hit", "read")),
        text=text,
    )
