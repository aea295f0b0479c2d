"""Time that passes only when somebody waits."""

import select


class SteppedTime:
    """A clock, and the ways to wait on it."""

    def __init__(self, now=1000.0):
        self.now = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def rest(self, descriptor, seconds):
        """As `until_woken`, on this clock."""
        if select.select([descriptor], [], [], 0)[0]:
            return True
        self.now += seconds
        return False
