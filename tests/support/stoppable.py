from contextlib import contextmanager


class Stoppable:
    """A server with `start` and `stop` that a test does without for a while."""

    @contextmanager
    def stopped(self):
        self.stop()
        try:
            yield
        finally:
            self.start()
