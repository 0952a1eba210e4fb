"""Models as they are: what they hold and how strong a mark they can carry."""
from __future__ import annotations

from . import _core
from ._memory import opened, path_of
from ._model_values import HeadInfo, Inspection, Notice, SiteCapacity, Skipped, TensorCount, \
    TensorInfo

_ROWS = {"sites": SiteCapacity, "tensors": TensorInfo, "roles": TensorCount,
         "dtypes": TensorCount, "skipped": Skipped, "notices": Notice}


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
    for name, kind in _ROWS.items():
        found[name] = [kind(*each) for each in found[name]]
    found["heads"] = HeadInfo(**found["heads"])
    return Inspection(**found)
