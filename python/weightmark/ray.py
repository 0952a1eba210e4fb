"""Detection on a Ray cluster (specs/parts.md 5). Needs the package `ray`.

    >>> import weightmark.ray
    >>> weightmark.ray.detect("/shared/model", key="/shared/owner.key", parts=16).verdict
    'conclusive'

Each part is a task, and Ray repeats it where its worker or machine dies: any number of workers and
any number of repetitions give the answer of one process. Model, key and record are paths that all
machines can read. Sums travel through Ray's object store: they are secret, and so is the cluster.
"""
from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence

import ray

from . import _marks
from ._values import Detection, Error


def _part(model: str, key: str, part: int, parts: int, threads: int, options: dict) -> bytes:
    """The file of one part. Runs in a worker."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "part")
        _marks.write_part(model, out, key=key, part=part, parts=parts, threads=threads,
                          progress=False, **options)
        with open(out, "rb") as file:
            return file.read()


def _answer(model: str, key: str, threads: int, options: dict) -> Detection | Error:
    """What one model shows, or why there is no answer. Runs in a worker."""
    try:
        return _marks.detect(model, key=key, threads=threads, progress=False, **options)
    except Error as error:
        return error


def _task(function, cpus: int, retries: int):
    return ray.remote(function).options(num_cpus=cpus, max_retries=retries)


def detect(model, *, key, parts: int | None = None, cpus: int = 1, retries: int = 3,
           threads: int = 0, controls: Sequence = (), by_layer: bool = False,
           alpha: float = 1e-9, progress=None, **options) -> Detection:
    """What `weightmark.detect` with `full` says of `model`, read by the workers of a Ray cluster.

    Args:
        model, key: paths that all machines can read.
        parts: how many; None: one for each `cpus` processors of the cluster.
        cpus: of each task, and its threads.
        retries: how often a part is computed again after its worker died.
        threads: of the merge, in this process.
        options: base, naming, record, release, original, shares, share, sites, readings.
    """
    model, key = os.fspath(model), os.fspath(key)
    if parts is None:
        parts = max(1, int(ray.cluster_resources().get("CPU", 1)) // cpus)
    task = _task(_part, cpus, retries)
    waiting = {task.remote(model, key, i + 1, parts, cpus, options): i for i in range(parts)}
    with tempfile.TemporaryDirectory() as folder:  # of mode 0700
        files = [os.path.join(folder, f"{i + 1}.part") for i in range(parts)]
        while waiting:
            done, _ = ray.wait(list(waiting))
            for each in done:
                with open(files[waiting.pop(each)], "wb") as file:
                    file.write(ray.get(each))
        return _marks.detect(model, key=key, parts=files, controls=controls, by_layer=by_layer,
                             alpha=alpha, threads=threads, progress=progress, **options)


def scan(models: Sequence, *, key, cpus: int = 1, retries: int = 3, alpha: float = 1e-9,
         **options) -> list[Detection | Error]:
    """What `weightmark.detect` says of each of many models, one task for each, in their order.

    Each answer is judged at its part of `alpha`, so that chance says *detected* of any of them at a
    rate of at most `alpha` (specs/scan.md 1). A model that cannot be read gives its Error.
    """
    options["alpha"] = alpha / max(1, len(models))
    task = _task(_answer, cpus, retries)
    return ray.get([task.remote(os.fspath(model), os.fspath(key), cpus, options)
                    for model in models])
