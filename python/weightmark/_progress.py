"""Progress of long functions: a bar of tqdm, a function of the caller, or nothing."""
import contextlib
import sys


class _Bar:
    """One bar of tqdm for each stage."""

    def __init__(self, tqdm):
        self.tqdm, self.bar, self.stage = tqdm, None, None

    def __call__(self, stage, done, total, are_bytes):
        if stage != self.stage or done < self.bar.n:
            self.close()
            self.stage = stage
            self.bar = self.tqdm(total=total, desc=stage, leave=False, unit_scale=True,
                                 unit="B" if are_bytes else "step")
        self.bar.update(done - self.bar.n)

    def close(self):
        if self.bar is not None:
            self.bar.close()


@contextlib.contextmanager
def teller(progress):
    """What the library tells its progress to: a function, or None."""
    if callable(progress):
        yield progress
        return
    if progress is False or (progress is None and not sys.stderr.isatty()):
        yield None
        return
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if progress:
            raise
        yield None
        return
    bar = _Bar(tqdm)
    try:
        yield bar
    finally:
        bar.close()
