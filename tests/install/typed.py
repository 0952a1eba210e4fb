"""Keys typed into an interactive shell on a terminal of its own: what does Tab make of a line?

Not thread-safe.
"""
import os
import pathlib
import pty
import re
import select
import shutil
import tempfile
import time

# Line as typed, with Tab, and what the shell then has.
CASES = [("weightmark keyg\t", "weightmark keygen"),
         ("weightmark log witn\t", "weightmark log witness-request"),
         ("weightmark embed --progress al\t", "weightmark embed --progress always"),
         ("weightmark detect --disc\t", "weightmark detect --disclosure"),
         ("weightmark embed --key own\t", "weightmark embed --key owner.key"),
         ("weightmark detect --key owner.key sus\t",
          "weightmark detect --key owner.key suspect.gguf")]
START = {"bash": "source '{script}'\n",
         "zsh": "fpath=('{folder}' $fpath); autoload -Uz compinit; compinit -D -u\n"}
WAIT_SECONDS = 60  # for a busy machine; what arrives ends the wait
BEGIN, END = "<<<", ">>>"


def read_until(terminal, wanted):
    """What the shell prints until `wanted` has matched, or the time is over."""
    text, end = "", time.monotonic() + WAIT_SECONDS
    while not re.search(wanted, text) and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            try:
                text += os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                break
    return text


def line_of(shell, script, keys):
    """The line after `keys`: Ctrl-A and an echo in front of it make the shell print it."""
    words = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
    home = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-typed-"))
    for name in ("owner.key", "suspect.gguf"):
        (home / name).touch()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(home)
        os.execvpe(words[0], words, {"PATH": os.environ["PATH"], "HOME": str(home), "PS1": "> ",
                                     "TERM": "dumb", "LC_ALL": "C.UTF-8"})
    try:
        start = START[shell].format(script=script, folder=script.parent)
        os.write(terminal, (start + "echo rea''dy\n").encode())
        read_until(terminal, "ready")
        os.write(terminal, keys.encode())
        time.sleep(0.3)
        os.write(terminal, f"\x01echo '{BEGIN}' \x05 '{END}'\n".encode())
        text = read_until(terminal, rf"{BEGIN} weightmark[^'\n]* {END}")
        match = re.search(rf"{BEGIN} (weightmark[^'\r\n]*?) +{END}", text)
        return match[1] if match else text[-400:]
    finally:
        os.write(terminal, b"\x03\nexit\n")
        os.close(terminal)
        os.waitpid(child, 0)
        shutil.rmtree(home, ignore_errors=True)


def problems(shell, script, keys, wanted):
    line = line_of(shell, script, keys)
    return [] if line == wanted else [f"it became {line!r}"]
