"""Logits: a model that shows no weights may carry the mark, and how its logits are collected."""
from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

from . import _core
from ._collect import local_model, texts as pieces
from ._collect.failure import Failure
from ._logits_values import LogitsDetection, LogitsReading
from ._marks import key_of
from ._memory import described, path_of, paths_of, rows_of
from ._progress import teller
from ._values import Error


def _matrix(logits):
    """A torch tensor or a numpy array of a type that holds logits."""
    if not hasattr(logits, "shape") and hasattr(logits, "__dlpack__"):
        import numpy

        logits = numpy.from_dlpack(logits)
    elif not hasattr(logits, "dtype"):
        import numpy

        logits = numpy.asarray(logits)
    name = str(logits.dtype).removeprefix("torch.")
    if name == "float64":
        logits = logits.float() if hasattr(logits, "float") else logits.astype("float32")
    if len(logits.shape) != 2:
        raise Error(f"logits have shape {tuple(logits.shape)}, not [rows, tokens]",
                    kind="invalid_argument")
    return logits


def _files(logits) -> list[str]:
    """The paths, if `logits` is one or several."""
    if isinstance(logits, (str, os.PathLike)):
        return [os.fspath(logits)]
    if isinstance(logits, (list, tuple)) and logits:
        if all(isinstance(each, (str, os.PathLike)) for each in logits):
            return paths_of(logits)
    return []


def _folder(tokenizer, config):
    """The folder of the tokenizer: the caller's, or a temporary one."""
    if config is None and isinstance(tokenizer, (str, os.PathLike)) and os.path.isdir(tokenizer):
        return contextlib.nullcontext(os.fspath(tokenizer))
    return described(tokenizer, config)


def detect_logits(logits, *, tokenizer, key, config=None, token_ids=None, record=None,
                  shares: int | None = None, rank: int | None = None, alpha: float = 1e-9,
                  threads: int = 0, progress=None) -> LogitsDetection:
    """Does the model behind `logits` carry the mark of `key`?

    Args:
        logits: a path of a .npy or safetensors file, or several; or a matrix of shape [rows,
            tokens]: a torch tensor, a numpy array, or what DLPack or the buffer protocol gives. A
            row holds the logits, or the log-probabilities, behind one text. At least 2 rows, of
            float32, float16, bfloat16 or float64 (which is rounded to float32).
        tokenizer: a path, or an object of transformers or tokenizers.
        key: a Key, or the path of a key file that is not sealed.
        config: of a tokenizer that is no folder: a path, a dict or an object of transformers,
            which may name a cap of the logits.
        token_ids: of a matrix with a part of the tokens: int32 or int64, shape [tokens].
        record: path of the mark's record.
        shares, rank: how many shares the mark has, and how wide the model is, if known.
        alpha: false-positive rate of "detected".
        progress: True, False, None (a bar on a terminal if tqdm is installed), or a function
            (stage, done, total, are_bytes).

    Raises:
        Error: if the logits or the tokenizer cannot be read, or do not fit together.
    """
    files, keep, rows = _files(logits), [], []
    if not files:
        tensors = {"logits": _matrix(logits)}
        if token_ids is not None:
            import numpy

            tensors["token_ids"] = numpy.asarray(token_ids)
        keep, rows = rows_of(tensors, in_place=False)
    with teller(progress) as told, _folder(tokenizer, config) as folder:
        found = _core.detect_logits(files, rows, folder, key_of(key), path_of(record), shares,
                                    rank, alpha, threads, told)
    del keep
    found["readings"] = [LogitsReading(*each) for each in found["readings"]]
    return LogitsDetection(**found)


def collect_logits(model, tokenizer, *, rows: int = 600, rows_per_text: int = 32,
                   seed: str | None = None, texts: str | Sequence[str] | None = None,
                   progress=None):
    """The logits of a model of transformers behind made-up or given texts, for `detect_logits`.

    Which texts do not matter, but a result is only evidence if they were fixed beforehand: publish
    `seed` or the texts. `tools/collect_logits.py` does the same for folders and servers, and keeps
    a record.

    Args:
        model, tokenizer: as AutoModelForCausalLM and AutoTokenizer give them.
        rows: as many as the model is wide show all that logits can show.
        rows_per_text: of each piece of 600 characters, one forward pass for all of them.
        seed: of made-up texts, the same for the same seed; or
        texts: what to read, 600 characters for every `rows_per_text` rows.

    Returns:
        numpy.ndarray: float32, of shape [rows, tokens].

    Raises:
        Error: without seed or texts, or with texts that are too short.
    """
    import numpy

    if (seed is None) == (texts is None):
        raise Error("give either a seed or texts", kind="invalid_argument")
    if rows < 2 or not 1 <= rows_per_text <= pieces.PIECE:
        raise Error(f"rows must be 2 or more, rows_per_text 1 to {pieces.PIECE}",
                    kind="invalid_argument")
    if not callable(tokenizer) or not callable(model):
        raise Error("model and tokenizer are objects of transformers", kind="invalid_argument")
    source, found = local_model.LoadedModel(model, tokenizer), []
    was_training = model.training
    model.eval()
    try:
        count = pieces.count_of(rows, rows_per_text)
        joined = texts if isinstance(texts, str) or texts is None else "".join(texts)
        chosen = pieces.from_seed(seed, count) if texts is None else pieces.from_text(joined, count)
        with teller(progress) as told:
            for number, wanted in pieces.still_wanted(0, rows, rows_per_text):
                for _end, _ids, values in source.rows(chosen[number], wanted, rows_per_text):
                    found.append(numpy.frombuffer(values, numpy.float32))
                if told:
                    told("collecting", len(found), rows, False)
    except Failure as failure:
        raise Error(str(failure), failure.hint or "", "invalid_argument") from failure
    finally:
        model.train(was_training)
    return numpy.stack(found)
