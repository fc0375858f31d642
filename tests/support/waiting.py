import time


def until(condition, seconds=60):
    """Waits until the condition is true, and gives its value. Raises TimeoutError after that many seconds.

    They are many: a busy machine may be twenty times slower, and a test that passes does not wait for them.
    """
    deadline = time.monotonic() + seconds
    while not (outcome := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {seconds} s: {condition}")
        time.sleep(0.02)
    return outcome
