#!/usr/bin/env python3
"""Converts a bf16 Llama in safetensors to a format of training: ranks.py MODEL OUT FORMAT.

mindspore, mindformers: one .ckpt, with the names of transformers, or with those of MindFormers and
each tensor in two entries. megatron, vllm: the parts of three ranks of tensor parallelism, for
megatron in two stages. distributed, megatron-distributed: by torch.distributed.checkpoint, two
processes that have half of each tensor; for megatron all layers of a kind are one tensor. These two
need torch, the others numpy alone.
"""
import json
import pathlib
import shutil
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import quantise  # noqa: E402
import repack  # noqa: E402

RANKS, STAGES = 3, 2
MINDFORMERS = [("model.embed_tokens.weight", "model.tok_embeddings.embedding_weight"),
               ("model.norm.weight", "model.norm_out.weight"),
               ("self_attn.q_proj", "attention.wq"), ("self_attn.k_proj", "attention.wk"),
               ("self_attn.v_proj", "attention.wv"), ("self_attn.o_proj", "attention.wo"),
               ("mlp.gate_proj", "feed_forward.w1"), ("mlp.up_proj", "feed_forward.w3"),
               ("mlp.down_proj", "feed_forward.w2"), ("input_layernorm", "attention_norm"),
               ("post_attention_layernorm", "ffn_norm")]
MEGATRON = {"input_layernorm": "self_attention.linear_qkv.layer_norm_weight",
            "post_attention_layernorm": "mlp.linear_fc1.layer_norm_weight",
            "self_attn.o_proj": "self_attention.linear_proj.weight",
            "mlp.down_proj": "mlp.linear_fc2.weight"}


def tensors_of(source):
    """{name: bf16 as u16 array}"""
    return {name: np.frombuffer(data, "<u2").reshape(shape)
            for name, _, shape, data in quantise.read_model(source / "model.safetensors")}


# MindSpore: fields of protobuf.

def number(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(key, content):
    return number(key << 3 | 2) + number(len(content)) + content


def write_mindspore(source, out, names):
    with open(out / "model.ckpt", "wb") as file:
        for name, array in tensors_of(source).items():
            for old, new in names:
                name = name.replace(old, new)
            head = b"".join(b"\x08" + number(extent) for extent in array.shape)
            head += field(2, b"BFloat16")
            data = array.tobytes()
            # MindSpore does so with large tensors.
            cut_at = len(data) // 4 * 2 if names else len(data)
            for content in (part for part in (data[:cut_at], data[cut_at:]) if part):
                file.write(field(1, field(1, name.encode()) + field(2, head + field(3, content))))


# Tensor parallelism.

def layers_of(tensors, config):
    """For each layer its matrices by Megatron's names: gate and up apart, q, k, v by group."""
    groups = config["num_key_value_heads"]
    for layer in range(config["num_hidden_layers"]):
        stem = f"model.layers.{layer}."
        parts = {new: tensors[f"{stem}{old}.weight"] for old, new in MEGATRON.items()}
        width = config["hidden_size"]
        by_group = [tensors[f"{stem}self_attn.{each}_proj.weight"].reshape(groups, -1, width)
                    for each in "qkv"]
        parts["self_attention.linear_qkv.weight"] = np.concatenate(by_group, 1).reshape(-1, width)
        parts["gate"] = tensors[f"{stem}mlp.gate_proj.weight"]
        parts["up"] = tensors[f"{stem}mlp.up_proj.weight"]
        yield parts


def cut(array, axis, rank):
    return np.split(array, RANKS, axis)[rank]


def megatron_rank(tensors, config, rank, stage):
    out = {}
    if stage == 0:
        out["embedding.word_embeddings.weight"] = cut(tensors["model.embed_tokens.weight"], 0, rank)
    each = config["num_hidden_layers"] // STAGES
    for layer, parts in list(enumerate(layers_of(tensors, config)))[stage * each:][:each]:
        stem = f"decoder.layers.{layer - stage * each}."
        gate, up = (cut(parts.pop(name), 0, rank) for name in ("gate", "up"))
        out[stem + "mlp.linear_fc1.weight"] = np.concatenate([gate, up])
        for name, array in parts.items():
            axis = {"linear_qkv.weight": 0, "linear_proj.weight": 1, "linear_fc2.weight": 1}.get(
                ".".join(name.split(".")[-2:]))
            out[stem + name] = array if axis is None else cut(array, axis, rank)
    if stage == STAGES - 1:
        out["decoder.final_layernorm.weight"] = tensors["model.norm.weight"]
    return out


def write_megatron(source, out, config):
    tensors = tensors_of(source)
    for rank in range(RANKS):
        for stage in range(STAGES):
            folder = out / "iter_0000100" / f"mp_rank_{rank:02d}_{stage:03d}"
            folder.mkdir(parents=True)
            held = megatron_rank(tensors, config, rank, stage)
            pickle = (b"\x80\x02}" + repack.text("args") + b"cargparse\nNamespace\n)\x81}"
                      + repack.text("lr") + b"G" + bytes(8) + b"sb" + b"s" + repack.text("model")
                      + b"}")
            for key, (name, array) in enumerate(held.items()):
                pickle += (repack.text(name)
                           + repack.pickled_tensor(str(key), "BF16", array.shape) + b"s")
            repack.write_archive(folder / "model_optim_rng.pt", "model_optim_rng", pickle + b"s.",
                                 [array.tobytes() for array in held.values()])
    (out / "latest_checkpointed_iteration.txt").write_text("100", encoding="utf-8")


def write_vllm(source, out, config):
    tensors = tensors_of(source)
    for rank in range(RANKS):
        held = {"model.embed_tokens.weight": cut(tensors["model.embed_tokens.weight"], 0, rank),
                "model.norm.weight": tensors["model.norm.weight"]}
        for layer in range(config["num_hidden_layers"]):
            stem = f"model.layers.{layer}."
            for fused, parts in {"self_attn.qkv_proj": ["self_attn.q_proj", "self_attn.k_proj",
                                                        "self_attn.v_proj"],
                                 "mlp.gate_up_proj": ["mlp.gate_proj", "mlp.up_proj"]}.items():
                held[f"{stem}{fused}.weight"] = np.concatenate(
                    [cut(tensors[f"{stem}{part}.weight"], 0, rank) for part in parts])
            for name in ("self_attn.o_proj", "mlp.down_proj"):
                held[f"{stem}{name}.weight"] = cut(tensors[f"{stem}{name}.weight"], 1, rank)
            for name in ("input_layernorm", "post_attention_layernorm"):
                held[f"{stem}{name}.weight"] = tensors[f"{stem}{name}.weight"]
        listed = [(name, "BF16", array.shape, array.tobytes()) for name, array in held.items()]
        quantise.write_model(out / f"model-rank-{rank}-part-0.safetensors", listed)


# torch.distributed.checkpoint.

def stacked(tensors, config):
    layers = [{**parts, "mlp.linear_fc1.weight": np.concatenate([parts["gate"], parts["up"]])}
              for parts in layers_of(tensors, config)]
    names = [name for name in layers[0] if name not in ("gate", "up")]
    out = {f"decoder.layers.{name}": np.stack([parts[name] for parts in layers]) for name in names}
    return {**out, "embedding.word_embeddings.weight": tensors["model.embed_tokens.weight"],
            "decoder.final_layernorm.weight": tensors["model.norm.weight"]}


def save_half(rank, source, out, meeting, config):
    import torch
    import torch.distributed
    import torch.distributed.checkpoint
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor import Shard, distribute_tensor
    torch.distributed.init_process_group("gloo", rank=rank, world_size=2,
                                         init_method=f"file://{meeting}/meet")
    mesh = init_device_mesh("cpu", (2,))
    tensors = tensors_of(source)
    if config:
        tensors = stacked(tensors, config)
    state = {}
    for name, array in tensors.items():
        tensor = torch.from_numpy(array.astype("<i2")).view(torch.bfloat16)
        columns = tensor.ndim == 2 and ("down_proj" in name or "o_proj" in name)
        state[name] = distribute_tensor(tensor, mesh, [Shard(1 if columns else 0)])
    torch.distributed.checkpoint.save({"model": state, "step": 7}, checkpoint_id=str(out))
    torch.distributed.destroy_process_group()


def write_distributed(source, out, config):
    import torch.multiprocessing
    with tempfile.TemporaryDirectory() as meeting:
        torch.multiprocessing.spawn(save_half, (source, out, meeting, config), nprocs=2)


FORMATS = {
    "mindspore": lambda source, out, _: write_mindspore(source, out, []),
    "mindformers": lambda source, out, _: write_mindspore(source, out, MINDFORMERS),
    "megatron": write_megatron,
    "vllm": write_vllm,
    "distributed": lambda source, out, _: write_distributed(source, out, None),
    "megatron-distributed": write_distributed,
}


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in FORMATS:
        sys.exit(f"usage: ranks.py MODEL OUT FORMAT, one of {', '.join(FORMATS)}")
    model, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir()
    FORMATS[sys.argv[3]](model, folder, json.loads((model / "config.json").read_text()))
    for path in ("config.json", "tokenizer.json"):
        shutil.copy(model / path, folder)
