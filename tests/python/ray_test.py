"""Detection on a real Ray cluster of this machine: equal answers, also where a worker is killed."""
import os
import pathlib
import signal
import threading
import time

import pytest

import weightmark

ray = pytest.importorskip("ray")
import weightmark.ray  # noqa: E402


@pytest.fixture(scope="module")
def cluster():
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False,
             configure_logging=False, object_store_memory=300 << 20)
    yield
    ray.shutdown()


def parent_of(process):
    return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])


def is_ours(pid):
    """Whether this process started it, directly or not."""
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = parent_of(pathlib.Path(f"/proc/{pid}"))
    return False


def workers_of(task):
    """Processes of our cluster that run this task now."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            title = (process / "cmdline").read_bytes()
            if title.startswith(f"ray::{task}".encode()) and is_ours(int(process.name)):
                yield int(process.name)
        except OSError:
            continue  # it has just ended


class Killer(threading.Thread):
    """Kills the first worker that is seen in the middle of a task."""

    def __init__(self, task):
        super().__init__(daemon=True)
        self.task, self.killed = task, None

    def run(self):
        end = time.monotonic() + 120
        while self.killed is None and time.monotonic() < end:
            for pid in workers_of(self.task):
                os.kill(pid, signal.SIGKILL)
                self.killed = pid
                return
            time.sleep(0.01)


def test_two_workers_of_which_one_is_killed_give_the_answer_of_one_process(
        cluster, marked, key_file):
    killer = Killer("_part")
    killer.start()
    found = weightmark.ray.detect(marked, key=key_file, parts=4, shares=1)
    killer.join()
    assert killer.killed is not None
    assert not pathlib.Path(f"/proc/{killer.killed}").exists() or \
        killer.killed not in workers_of("_part")
    assert found == weightmark.detect(marked, key=key_file, shares=1, full=True, progress=False)
    assert found.verdict == "conclusive"


def test_a_part_that_cannot_be_made_is_an_error(cluster, marked, key_file, tmp_path):
    with pytest.raises(Exception, match="no such file"):
        weightmark.ray.detect(tmp_path / "nowhere", key=key_file, parts=2)


def test_scan_answers_in_order(cluster, model, marked, key_file, tmp_path):
    found = weightmark.ray.scan([marked, tmp_path / "nowhere", model], key=key_file, shares=1,
                                readings="declared")
    assert [getattr(each, "verdict", "error") for each in found] == \
        ["conclusive", "error", "undecided"]
    alone = weightmark.detect(marked, key=key_file, shares=1, readings="declared", alpha=1e-9 / 3)
    assert found[0] == alone
