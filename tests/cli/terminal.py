#!/usr/bin/env python3
"""Passphrase prompts on a terminal: the echo, signals, and no core dump. terminal.py [PROGRAM]

Each case runs the program in a session of its own on a pseudo-terminal, as the foreground job of a
small shell (a child process of this script). The shell stays alive while the terminal is looked at,
because a terminal whose session ends is reset by the kernel.
"""
import os
import pathlib
import pty
import resource
import signal
import subprocess
import sys
import tempfile
import termios
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

PROGRAM = pathlib.Path([*sys.argv, TOP / "build" / "weightmark"][1]).resolve()
SECONDS_MAX = 30
WORDS = "correct horse\n"


def in_foreground():
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT,
                   signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


def shell(command, report):
    """Runs in the child: starts the job, writes its number and how it ended to `report`. The folder
    is the one of the keys, so that a core dump would be found there."""
    for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    # Core dumps are allowed as far as they may be.
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    job = subprocess.Popen(command, preexec_fn=in_foreground)  # pylint: disable=W1509
    os.write(report, f"{job.pid}\n".encode())
    while True:
        _, status = os.waitpid(job.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.write(report, b"stopped\n")
            continue
        ended = (f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status)
                 else f"exit {os.WEXITSTATUS(status)}")
        os.write(report, f"{ended}\n".encode())
        time.sleep(SECONDS_MAX)  # until it is killed


class Session:
    """The program on a terminal. Ends with the `with` block."""

    def __init__(self, folder, *command):
        here, there = os.pipe()
        self.shell, self.terminal = pty.fork()
        if self.shell == 0:
            try:
                os.chdir(folder)
                shell([str(word) for word in command], there)
            finally:
                os._exit(1)
        os.close(there)
        self.report = os.fdopen(here, "r", encoding="utf-8")
        self.job = int(self.report.readline())
        self.shown = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.job, self.shell):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.waitpid(self.shell, 0)
        self.report.close()
        os.close(self.terminal)

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def wait_for(self, text, times=1):
        """Reads what the program shows until it contains `text`, and then waits for silence."""
        end = time.monotonic() + SECONDS_MAX
        os.set_blocking(self.terminal, False)
        while self.shown.count(text) < times and time.monotonic() < end:
            try:
                self.shown += os.read(self.terminal, 4096).decode()
            except (BlockingIOError, OSError):
                time.sleep(.01)
        return self.shown.count(text) >= times

    def type(self, text):
        os.write(self.terminal, text.encode())

    def next_report(self):
        return self.report.readline().strip()

    def core_limit(self):
        lines = pathlib.Path(f"/proc/{self.job}/limits").read_text(encoding="utf-8").splitlines()
        return next(line.split()[4] for line in lines if line.startswith("Max core file size"))


def prompt_of(folder, name):
    return Session(folder, PROGRAM, "keygen", name, "--passphrase")


def ended_by(folder, send, number):
    """Sends a signal at the prompt: problems, if the echo does not come back."""
    with prompt_of(folder, f"by-{number}.key") as session:
        before = session.echoes()
        if not session.wait_for("new passphrase: "):
            return [f"no prompt: {session.shown!r}"]
        silent = not session.echoes()
        send(session)
        ended = session.next_report()
        problems = [] if before and silent else ["the prompt does not turn the echo off"]
        if ended != f"signal {int(number)}":
            problems.append(f"ended by {ended}, not by signal {int(number)}")
        return problems if session.echoes() else problems + ["the echo stays off"]


def stopped(folder):
    """Ctrl-Z, then the job goes on: the echo is on in between, and the prompt works again."""
    with prompt_of(folder, "stopped.key") as session:
        session.wait_for("new passphrase: ")
        session.type("half of it")
        session.type("\x1a")
        problems = [] if session.next_report() == "stopped" else ["it does not stop"]
        if not session.echoes():
            problems.append("the echo stays off while it is stopped")
        os.kill(session.job, signal.SIGCONT)
        if not session.wait_for("new passphrase: ", 2) or session.echoes():
            return problems + ["it does not ask again without echo"]
        session.type(WORDS)
        session.wait_for("repeat passphrase: ")
        session.type(WORDS)
        ended = session.next_report()
        session.wait_for("next: ")
        if ended != "exit 0" or "horse" in session.shown or not session.echoes():
            problems.append(f"{ended}: {session.shown!r}")
        return problems


def ignored(folder):
    """A signal that is ignored, as under nohup, does not end the prompt."""
    command = f"trap '' HUP; exec {PROGRAM} keygen ignored.key --passphrase"
    with Session(folder, "sh", "-c", command) as session:
        session.wait_for("new passphrase: ")
        os.kill(session.job, signal.SIGHUP)
        if not session.wait_for("new passphrase: ", 2):
            return ["it does not ask again"]
        session.type(WORDS)
        session.wait_for("repeat passphrase: ")
        session.type(WORDS)
        ended = session.next_report()
        return [] if ended == "exit 0" else [f"{ended}: {session.shown!r}"]


def core_dumps(folder):
    """While it asks, the soft limit of core dumps is 0."""
    with prompt_of(folder, "core.key") as session:
        session.wait_for("new passphrase: ")
        limit = session.core_limit()
    return [] if limit == "0" else [f"the limit of core dumps is {limit}"]


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory(prefix="weightmark-terminal-") as name:
        folder = pathlib.Path(name)
        keys = {"Ctrl-C": ("\x03", signal.SIGINT), "Ctrl-\\": ("\x1c", signal.SIGQUIT)}
        for key, (typed, number) in keys.items():
            report.check(f"after {key} in a passphrase prompt the terminal echoes again",
                         ended_by(folder, lambda session, typed=typed: session.type(typed),
                                  number))
        for number in (signal.SIGTERM, signal.SIGHUP):
            report.check(f"after {number.name} in a passphrase prompt the terminal echoes again",
                         ended_by(folder, lambda session, number=number:
                                  os.kill(session.job, number), number))
        report.check("a prompt that is ended leaves no key and no core dump",
                     [f"{path.name} is left" for path in folder.iterdir()])
        report.check("a passphrase prompt can be stopped and continued", stopped(folder))
        report.check("a signal that is ignored does not end a passphrase prompt", ignored(folder))
        claim = "while a passphrase is asked for there are no core dumps"
        if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0:
            report.skip(claim, "the hard limit of core dumps is 0 here")
        else:
            report.check(claim, core_dumps(folder))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
