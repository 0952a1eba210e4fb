#!/usr/bin/env python3
"""`sign` puts the release statement in place first and the bundle last. sign_order.py [PROGRAM]

The kernel reports each rename into the folder (inotify), in order. A run that is stopped in between
so leaves a statement without its bundle, and never a bundle without its statement.
"""
import ctypes
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

PROGRAM = pathlib.Path([*sys.argv, TOP / "build" / "weightmark"][1]).resolve()
KEY = TOP / "tests" / "vectors" / "oms" / "p256.key.pem"
MOVED_TO = 0x80  # IN_MOVED_TO
EVENT = struct.Struct("iIII")


class Renames:
    """Collects the names that files in a folder are renamed to."""

    def __init__(self, folder):
        libc = ctypes.CDLL(None, use_errno=True)
        self.events = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if libc.inotify_add_watch(self.events, os.fsencode(folder), MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def take(self):
        try:
            data = os.read(self.events, 1 << 16)
        except BlockingIOError:
            return []
        names = []
        while data:
            _, _, _, size = EVENT.unpack_from(data)
            names.append(data[EVENT.size:EVENT.size + size].rstrip(b"\0").decode())
            data = data[EVENT.size + size:]
        return [name for name in names if not name.endswith(".partial")]


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory(prefix="weightmark-order-") as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "model"],
                       check=True, stdout=subprocess.DEVNULL)
        renames = Renames(folder)
        for more in ([], ["--force"]):
            done = subprocess.run([PROGRAM, "sign", "model", "--private-key", KEY, "--signature",
                                   "it.sig", "--statement", "it.jsonl", "--quiet", *more],
                                  cwd=folder, check=False, capture_output=True, text=True)
            order = renames.take()
            report.check(" ".join(["sign: the statement comes first, the bundle last", *more]),
                         [] if done.returncode == 0 and order == ["it.jsonl", "it.sig"]
                         else [f"{order}, {done.stderr}"])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
