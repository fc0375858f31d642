def amount(count: int, noun: str = "task") -> str:
    """The number with its noun, as in "1 task" and "2,000 tasks"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
