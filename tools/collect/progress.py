"""A progress bar on standard error: rows, rate and time left. Nothing on a pipe."""
import sys
import time

WIDTH = 24
EVERY = 0.2  # seconds between two updates


class Progress:
    def __init__(self, mode, done, total):
        """`mode`: auto (only on a terminal), always, never. `done`: rows of an earlier run."""
        self.shown = mode == "always" or (mode == "auto" and sys.stderr.isatty())
        self.begin, self.first, self.total = time.monotonic(), done, total
        self.last = self.begin - EVERY

    def update(self, done):
        now = time.monotonic()
        if not self.shown or (now - self.last < EVERY and done < self.total):
            return
        self.last, seconds = now, max(now - self.begin, 1e-3)
        rate = (done - self.first) / seconds
        left = f"{(self.total - done) / rate:.0f} s left" if rate > 0 else ""
        bar = "#" * (WIDTH * done // self.total)
        line = f"[{bar:<{WIDTH}}] {done} of {self.total} rows, {rate:.1f}/s, {left:<12}"
        sys.stderr.write("\r" + line)
        sys.stderr.flush()

    def end(self):
        if self.shown:
            sys.stderr.write("\n")
