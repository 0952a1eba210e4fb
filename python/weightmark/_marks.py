"""Marks: keys, embedding, detection."""
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from . import _core
from ._core import Key
from ._memory import described, opened, path_of, paths_of, rows_of
from ._progress import teller
from ._values import Detection, GroupZ, Marked, PartWritten, SiteZ


def key_of(key) -> Key:
    return key if isinstance(key, Key) else Key.read(os.fspath(key), "")


def _detection(found: dict) -> Detection:
    found["sites"] = [SiteZ(*each) for each in found["sites"]]
    found["groups"] = [GroupZ(*each) for each in found["groups"]]
    return Detection(**found)


def keygen(path, *, passphrase: str = "") -> Key:
    """Writes a new random key to `path` (mode 0600), which must not exist, and returns it."""
    key = Key.generate()
    key.write(os.fspath(path), passphrase)
    return key


def detect(model, *, key, tokenizer=None, config=None, base=None, naming=None, record=None,
           release=None, original=None, controls: Sequence = (), shares: int | None = None,
           share: int | None = None, sites: str = "", readings: str = "usual",
           full: bool = False, by_layer: bool = False, alpha: float = 1e-9,
           parts: Sequence = (), threads: int = 0, progress=None) -> Detection:
    """Does `model` carry the mark of `key`?

    Args:
        model: a path, or a mapping from tensor names to arrays of any shape and floating type.
        key: a Key, or the path of a key file that is not sealed.
        tokenizer, config: of a mapping: paths, or objects of transformers; a dict for `config`.
            Without a tokenizer, rows of the embedding are known by their numbers alone.
        base: the model that the adapter `model` is read over.
        record, release, original: further frames of reference; see `weightmark detect --help`.
        parts: the files of all parts that `write_part` made, whose sums are taken in place of the
            weights; the answer is that of `full`.
        progress: True, False, None (a bar on a terminal if tqdm is installed), or a function
            (stage, done, total, are_bytes).

    Raises:
        Error: if no answer is possible.
    """
    with teller(progress) as told, opened(model, tokenizer, config) as (path, rows):
        return _detection(_core.detect(
            path, path_of(base), path_of(naming), rows, key_of(key), path_of(record),
            path_of(release), path_of(original), paths_of(controls), shares, share, sites,
            readings, full, by_layer, alpha, paths_of(parts), threads, told))


def write_part(model, out, *, key, part: int, parts: int, base=None, naming=None, record=None,
               release=None, original=None, shares: int | None = None, share: int | None = None,
               sites: str = "", readings: str = "usual", replace: bool = False, threads: int = 0,
               progress=None) -> PartWritten:
    """Reads part `part` of `parts` (from 1) of the weights at the path `model`, and writes to `out`
    what they add up to, for `detect` with all parts and the same arguments.

    The file is as secret as the mark's record.
    """
    with teller(progress) as told:
        return PartWritten(**_core.write_part(
            os.fspath(model), path_of(base), path_of(naming), key_of(key), part, parts,
            os.fspath(out), replace, path_of(record), path_of(release), path_of(original), shares,
            share, sites, readings, threads, told))


def embed(model, out, *, key, record=None, strength: float | None = None,
          shares: int | None = None, sites: str = "ffn,heads,output", licensee: str = "",
          allow_skipped: bool = False, replace: bool = False, resume: bool = False,
          threads: int = 0, progress=None) -> Marked:
    """Writes a marked copy of the model at the path `model` to `out`, and its record beside it.

    The copy appears complete or not at all. `strength` and `shares` of None are automatic. With
    `resume`, a call that was interrupted goes on when it is repeated.
    """
    with teller(progress) as told:
        return Marked(**_core.embed(os.fspath(model), [], key_of(key), os.fspath(out),
                                    path_of(record), strength, shares, sites, licensee,
                                    allow_skipped, replace, resume, threads, told))


def embed_(state_dict: Mapping, *, key, tokenizer=None, config=None, record=None,
           strength: float | None = None, shares: int | None = None,
           sites: str = "ffn,heads,output", licensee: str = "", allow_skipped: bool = False,
           threads: int = 0, progress=None) -> Marked:
    """Marks the tensors of `state_dict` where they are, on the CPU, without a copy of the model.

    The bytes are those that `embed` would write. If this raises, tensors may have changed in part.
    """
    keep, rows = rows_of(state_dict, in_place=True)
    with teller(progress) as told, described(tokenizer, config) as folder:
        marked = Marked(**_core.embed(folder, rows, key_of(key), "", path_of(record), strength,
                                      shares, sites, licensee, allow_skipped, False, False, threads,
                                      told))
    del keep
    return marked
