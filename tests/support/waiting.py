import time


def until(condition, seconds=10):
    """Waits until the condition is true, and gives its value. Raises TimeoutError after that many seconds."""
    deadline = time.monotonic() + seconds
    while not (outcome := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {seconds} s: {condition}")
        time.sleep(0.02)
    return outcome
