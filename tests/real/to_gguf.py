#!/usr/bin/env python3
"""Writes a marked copy of the real model as GGUF, as the converter of llama.cpp does.

to_gguf.py MODEL_FOLDER SOURCE.gguf TYPE OUT.gguf [GGML_LIBRARY]. Keys (sizes, tokenizer) are those
of SOURCE, the file that the model was made from; weights are those of MODEL_FOLDER. As with
llama-quantize, the token embedding, which is also the head, is Q8_0 in quantised files, and rows
whose length is not a multiple of 256 have the fallback type. Types that the gguf package cannot
write need ggml as a shared library (ggml_quantize_chunk). Needs numpy and gguf.
"""
import ctypes
import json
import pathlib
import sys

import gguf
import numpy as np

import gguf_model
import q4_k

Type = gguf.GGMLQuantizationType
FALLBACK = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0", "TQ1_0": "Q4_0", "TQ2_0": "Q4_0"}
PLAIN = ("F32", "F16", "BF16")


def permuted(weights, heads):
    """Rows of q and k in the order of llama.cpp: the inverse of gguf_model.unpermuted."""
    rows = weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:])
    return np.ascontiguousarray(rows.swapaxes(1, 2).reshape(weights.shape))


def quantized_by_ggml(library, values, kind):
    block, size = gguf.GGML_QUANT_SIZES[kind]
    rows, columns = values.reshape(-1, values.shape[-1]).shape
    out = np.zeros((rows, columns // block * size), np.uint8)
    importance = np.ones(columns, np.float32)
    chunk = library.ggml_quantize_chunk
    chunk.restype = ctypes.c_size_t
    pointer = ctypes.POINTER(ctypes.c_float)
    chunk(ctypes.c_int(int(kind)), values.ctypes.data_as(pointer),
          out.ctypes.data_as(ctypes.c_void_p), ctypes.c_int64(0), ctypes.c_int64(rows),
          ctypes.c_int64(columns), importance.ctypes.data_as(pointer))
    return out


def type_for(name, wanted, columns):
    if wanted in PLAIN:
        return Type[wanted]
    if name.startswith("token_embd"):
        return Type.Q8_0
    if columns % gguf.GGML_QUANT_SIZES[Type[wanted]][0] != 0:
        return Type[FALLBACK.get(wanted, "IQ4_NL")]
    return Type[wanted]


def stored(values, kind, library):
    if kind == Type.F32:
        return values
    if kind == Type.F16:
        return values.astype(np.float16)
    try:
        return gguf.quantize(values, kind)
    except NotImplementedError:
        if library is None and kind == Type.Q4_K:
            return q4_k.quantized(values)
        if library is None:
            raise SystemExit(f"{kind.name} needs a ggml library") from None
        return quantized_by_ggml(library, values, kind)


def copy_keys(reader, writer, depth):
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kind, *inner = field.types
        value = depth if name == "llama.block_count" else field.contents()
        writer.add_key_value(name, value, kind, inner[-1] if inner else None)


def main(folder, source, wanted, out, library=None):
    library = ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL | 1) if library else None
    reader = gguf.GGUFReader(source)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    weights = dict(gguf_model.read_safetensors(pathlib.Path(folder) / "model.safetensors"))
    heads = {"attn_q": fields["llama.attention.head_count"],
             "attn_k": fields["llama.attention.head_count_kv"]}
    writer = gguf.GGUFWriter(out, "llama")
    config = json.loads((pathlib.Path(folder) / "config.json").read_text())
    copy_keys(reader, writer, config["num_hidden_layers"])
    for tensor in reader.tensors:
        if gguf_model.hub_name(tensor.name) not in weights:
            continue  # of a layer that was removed
        values = gguf_model.from_bf16(weights[gguf_model.hub_name(tensor.name)])
        for part, count in heads.items():
            if f".{part}." in tensor.name:
                values = permuted(values, count)
        kind = Type.F32 if values.ndim == 1 else type_for(tensor.name, wanted, values.shape[-1])
        data = stored(np.ascontiguousarray(values, np.float32), kind, library)
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
