"""Licensees: whose copy is a model?"""
from __future__ import annotations

import os
from collections.abc import Iterable

from . import _core
from ._marks import key_of
from ._memory import opened, path_of
from ._progress import teller
from ._values import LicenseeZ, Trace


def traced(found: dict) -> Trace:
    found["licensees"] = [LicenseeZ(*each) for each in found["licensees"]]
    return Trace(**found)


def source_of(licensees) -> tuple[list[str], str]:
    """(ids, path of a list): what the caller named."""
    if isinstance(licensees, (str, os.PathLike)):
        return [], os.fspath(licensees)
    return list(licensees or ()), ""


def trace(model, *, key, licensees: str | os.PathLike | Iterable[str] | None = None,
          register=None, tokenizer=None, config=None, base=None, naming=None, subtracted=None,
          release=None, original=None, listed: int = 20, alpha: float = 1e-9, threads: int = 0,
          progress=None) -> Trace:
    """Which licensee's copy is `model`?

    Args:
        model: a path, or a mapping from tensor names to arrays of any shape and floating type.
        key: a Key, or the path of a key file that is not sealed.
        licensees: ids, or the path of a file with an id in each line.
        register: the register of licensees, with its ids, in place of `licensees`.
        tokenizer, config: of a mapping: paths, or objects of transformers; a dict for `config`.
        base: the model that the adapter `model` is read over.
        subtracted: the release without licensees' marks, for a stronger result.
        release, original: further frames of reference; see `weightmark trace --help`.
        listed: how many licensees are listed at least; everybody who is named is.
        alpha: false-positive rate of "detected".
        progress: True, False, None (a bar on a terminal if tqdm is installed), or a function
            (stage, done, total, are_bytes).

    Raises:
        Error: if no answer is possible.
    """
    ids, path_of_list = source_of(licensees)
    with teller(progress) as told, opened(model, tokenizer, config) as (path, rows):
        return traced(_core.trace(
            path, path_of(base), path_of(naming), rows, key_of(key), ids, path_of_list,
            path_of(register), path_of(subtracted), path_of(release), path_of(original), listed,
            alpha, threads, told))
