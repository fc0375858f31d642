import time


def until(condition, seconds=10):
    """Waits for the condition to hold and gives what it gave; TimeoutError where it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not (outcome := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {seconds} s: {condition}")
        time.sleep(0.02)
    return outcome
