"""Models as they are: what they hold, and whether two of them share weights."""
from __future__ import annotations

import contextlib
from collections.abc import Sequence

from . import _core
from ._lineage_values import ComparedNotice, Comparison, ExpertShare, LineageFamily, \
    LineageTest, Parent
from ._memory import opened, path_of, paths_of
from ._model_values import HeadInfo, Inspection, Notice, SiteCapacity, Skipped, TensorCount, \
    TensorInfo
from ._progress import teller

_ROWS = {"sites": SiteCapacity, "tensors": TensorInfo, "roles": TensorCount,
         "dtypes": TensorCount, "skipped": Skipped, "notices": Notice}
_LINEAGE_ROWS = {"families": LineageFamily, "experts": ExpertShare, "parents": Parent,
                 "notices": ComparedNotice}


def _make(kinds: dict, found: dict) -> None:
    for name, kind in kinds.items():
        found[name] = [kind(*each) for each in found[name]]


def inspect(model, *, tokenizer=None, config=None, base=None, naming=None) -> Inspection:
    """What is in `model`, and how strong a mark can it carry?

    Args:
        model: a path, or a mapping from tensor names to arrays of any shape and floating type.
        tokenizer, config: of a mapping: paths, or objects of transformers; a dict for `config`.
        base: the model that the adapter `model` is read over.
        naming: a file of rules for tensor names.

    Raises:
        Error: if the tensors are not understood, or no site can carry a mark.
    """
    with opened(model, tokenizer, config) as (path, rows):
        found = _core.inspect(path, path_of(base), path_of(naming), rows)
    _make(_ROWS, found)
    found["heads"] = HeadInfo(**found["heads"])
    return Inspection(**found)


def compare(suspect, reference, *, base=None, reference_base=None, naming=None,
            also: Sequence = (), config=None, reference_config=None, tokenizer=None,
            reference_tokenizer=None, seed: int = 1, threads: int = 0,
            progress=None) -> Comparison:
    """Do `suspect` and `reference` share weights? No mark is needed.

    Args:
        suspect, reference: paths, or mappings from tensor names to arrays.
        base: the model that the adapter `suspect` is read over.
        reference_base: the same of the adapter `reference`.
        naming: a file of rules for tensor names, for all of these models.
        also: paths of further models that the suspect may have been merged from, 15 at most.
        tokenizer, config, reference_tokenizer, reference_config: of mappings: paths, or objects
            of transformers.
        seed: selects the neurons and tokens that are sampled.
        progress: True, False, None (a bar on a terminal if tqdm is installed), or a function
            (stage, done, total, are_bytes).

    Raises:
        Error: if a model cannot be read.
    """
    with contextlib.ExitStack() as stack:
        told = stack.enter_context(teller(progress))
        path, rows = stack.enter_context(opened(suspect, tokenizer, config))
        other, other_rows = stack.enter_context(
            opened(reference, reference_tokenizer, reference_config))
        found = _core.compare(path, path_of(base), path_of(naming), rows, other,
                              path_of(reference_base), other_rows,
                              paths_of(also), seed, threads, told)
    _make(_LINEAGE_ROWS, found)
    found["tests"] = [LineageTest(**each) for each in found["tests"]]
    return Comparison(**found)
