"""The result lines of scripted tests: 'ok - claim', 'not ok - claim', 'skip - claim: reason'.

tests/run_all.py counts them. A script ends with `sys.exit(claims.finish())`. Not thread-safe.
"""


class Claims:
    def __init__(self):
        self.failed = 0

    def check(self, claim, problems):
        """`problems`: sentences, none if the claim holds; or a bool, true if it holds."""
        if isinstance(problems, bool):
            problems = [] if problems else ["it does not hold"]
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} - {claim}", flush=True)
        for problem in problems:
            print(f"    {problem}", flush=True)

    def skip(self, claim, reason):
        print(f"skip - {claim}: {reason}", flush=True)

    def finish(self):
        return 1 if self.failed else 0
