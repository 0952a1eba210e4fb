"""Tensors in memory as the library reads them: where they are, and in which type."""
from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Mapping

from ._values import Error

# By the names that torch and numpy (ml_dtypes included) give their types.
TYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16",
         "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8",
         "bool": "BOOL", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2"}


# What a tokenizer's folder holds beside weights.
_TOKENIZER_ENDS = (".json", ".txt", ".model", ".tiktoken", ".jinja")
_NOT_OF_TOKENIZER = ("config.json", ".index.json")


def path_of(value) -> str:
    return "" if value is None else os.fspath(value)


def paths_of(values) -> list[str]:
    """`values`: paths, or one path."""
    if isinstance(values, (str, os.PathLike)):
        return [os.fspath(values)]
    return [os.fspath(each) for each in values]


def _refused(why):
    return Error(why, kind="invalid_argument")


def _wrong(name, why):
    return _refused(f"tensor '{name}': {why}")


def _is_torch(value):
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _torch_row(name, tensor, in_place):
    if tensor.device.type == "meta":
        raise _wrong(name, "is on the meta device and has no data")
    if str(tensor.layout) != "torch.strided":
        raise _wrong(name, f"has the layout {tensor.layout}; make it dense")
    if tensor.device.type != "cpu":
        if in_place:
            raise _wrong(name, f"is on {tensor.device}; mark it on the CPU")
        tensor = tensor.cpu()
    if not tensor.is_contiguous():
        if in_place:
            raise _wrong(name, "is not contiguous")
        tensor = tensor.contiguous()
    kind = TYPES.get(str(tensor.dtype).removeprefix("torch."))
    size = tensor.numel() * tensor.element_size()
    return tensor, (name, kind, list(tensor.shape), tensor.data_ptr(), size)


def _numpy_row(name, array, in_place):
    if not array.dtype.isnative:
        raise _wrong(name, f"has the byte order of another machine: {array.dtype.str}")
    if not array.flags.c_contiguous:
        if in_place:
            raise _wrong(name, "is not contiguous")
        import numpy

        array = numpy.ascontiguousarray(array)
    if in_place and not array.flags.writeable:
        raise _wrong(name, "is read-only")
    kind = TYPES.get(array.dtype.name)
    return array, (name, kind, list(array.shape), array.ctypes.data, array.nbytes)


def rows_of(state_dict, in_place):
    """(the tensors that must stay alive, a row for each: name, type, shape, address, bytes)."""
    if not isinstance(state_dict, Mapping):
        raise _refused(f"a model in memory is a mapping from names to tensors, not "
                       f"{type(state_dict).__name__}")
    if not state_dict:
        raise _refused("the mapping holds no tensors")
    keep, rows = [], []
    for name, value in state_dict.items():
        if not isinstance(name, str):
            raise _wrong(name, "the name is not a string")
        if _is_torch(value):
            held, row = _torch_row(name, value.detach(), in_place)
        elif hasattr(value, "ctypes") and hasattr(value, "dtype"):
            held, row = _numpy_row(name, value, in_place)
        else:
            raise _wrong(name, f"is neither a torch tensor nor a numpy array: {type(value)}")
        if row[1] is None:
            raise _wrong(name, f"has a type that is not read: {value.dtype}")
        keep.append(held)
        rows.append(row)
    return keep, rows


def _write_config(config, folder):
    if isinstance(config, (str, os.PathLike)):
        path = pathlib.Path(config)
        shutil.copy(path / "config.json" if path.is_dir() else path, folder / "config.json")
        return
    words = config.to_dict() if hasattr(config, "to_dict") else config
    if not isinstance(words, dict):
        raise _refused(f"config is neither a path nor a dict nor has it to_dict(): "
                       f"{type(config).__name__}")
    text = json.dumps(words, default=str)
    (folder / "config.json").write_text(text, encoding="utf-8")


def _write_tokenizer(tokenizer, folder):
    if isinstance(tokenizer, (str, os.PathLike)):
        path = pathlib.Path(tokenizer)
        for file in [path] if path.is_file() else sorted(path.iterdir()):
            is_wanted = file == path or (file.name.endswith(_TOKENIZER_ENDS) and
                                         not file.name.endswith(_NOT_OF_TOKENIZER))
            if is_wanted and file.is_file():
                shutil.copy(file, folder / file.name)
    elif hasattr(tokenizer, "save_pretrained"):
        tokenizer.save_pretrained(folder)
    elif hasattr(tokenizer, "save"):
        tokenizer.save(str(folder / "tokenizer.json"))  # tokenizers.Tokenizer
    else:
        raise _refused(f"tokenizer is neither a path nor one of transformers or tokenizers: "
                       f"{type(tokenizer).__name__}")


@contextlib.contextmanager
def opened(model, tokenizer, config):
    """(path, rows) of a model: a path, or a mapping from names to tensors."""
    if not isinstance(model, Mapping):
        yield os.fspath(model), []
        return
    keep, rows = rows_of(model, in_place=False)
    with described(tokenizer, config) as folder:
        yield folder, rows
    del keep


@contextlib.contextmanager
def described(tokenizer, config):
    """A temporary folder with config.json and the tokenizer's files, as text."""
    with tempfile.TemporaryDirectory(prefix="weightmark-") as name:
        folder = pathlib.Path(name)
        try:
            if tokenizer is not None:
                _write_tokenizer(tokenizer, folder)
            if config is not None:
                _write_config(config, folder)
        except OSError as error:
            raise Error(f"{error.filename}: {error.strerror}", kind="io") from error
        yield name
