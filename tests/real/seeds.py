#!/usr/bin/env python3
"""A false accusation is the worst error: compares all pairs of models trained from different seeds.

seeds.py --program build/weightmark [--models 21] [--steps 200] [--biases]: trains tiny Llama-like
models (with --biases: Qwen2-like) with torch on the same artificial language, and compares all
pairs, 210 for 21 models, by `compare` and under the best map between their neurons, which it does
not try for them. One more is trained from the first seed on other data, to show what a shared
initialisation alone looks like; and some with the first model's embedding, or with everything of it
but attention, to show what the circuits of heads have in common then. Skipped without torch.
Nothing is downloaded.
"""
import argparse
import itertools
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import claims  # noqa: E402

try:
    import torch
except ImportError:
    print("skip - models of different seeds: torch is missing (run with a Python that has it)")
    sys.exit(0)

WIDTH, UNITS, LAYERS, HEADS, KV_HEADS, VOCABULARY, LENGTH, BATCH = 64, 160, 3, 4, 2, 256, 32, 16
SIZE = WIDTH // HEADS


def new_weights(seed, biases):
    random = torch.Generator().manual_seed(seed)
    weights = {"model.embed_tokens.weight": (VOCABULARY, WIDTH), "model.norm.weight": (WIDTH,)}
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        for name, rows in (("q", WIDTH), ("k", KV_HEADS * SIZE), ("v", KV_HEADS * SIZE),
                           ("o", WIDTH)):
            weights[f"{at}self_attn.{name}_proj.weight"] = (rows, WIDTH)
            if biases and name != "o":
                weights[f"{at}self_attn.{name}_proj.bias"] = (rows,)
        for name, shape in (("gate", (UNITS, WIDTH)), ("up", (UNITS, WIDTH)),
                            ("down", (WIDTH, UNITS))):
            weights[f"{at}mlp.{name}_proj.weight"] = shape
        for name in ("input_layernorm", "post_attention_layernorm"):
            weights[f"{at}{name}.weight"] = (WIDTH,)
    return {name: (torch.zeros(shape) if name.endswith("bias") else torch.ones(shape)
                   if len(shape) == 1 else 0.05 * torch.randn(shape, generator=random)
                   ).requires_grad_()
            for name, shape in weights.items()}


def linear(w, name, x):
    y = x @ w[f"{name}.weight"].T
    return y + w[f"{name}.bias"] if f"{name}.bias" in w else y


def norm(x, weight):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * weight


def rotated(x):
    """Rotary positions; x is batch x heads x time x size."""
    half = SIZE // 2
    angle = torch.arange(LENGTH)[:, None] * 10000.0 ** (-torch.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)


def logits(w, tokens):
    x = w["model.embed_tokens.weight"][tokens]
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        y = norm(x, w[at + "input_layernorm.weight"])
        q, k, v = (linear(w, f"{at}self_attn.{name}_proj", y)
                   .unflatten(-1, (-1, SIZE)).transpose(1, 2) for name in "qkv")
        k, v = (part.repeat_interleave(HEADS // KV_HEADS, 1) for part in (k, v))
        z = torch.nn.functional.scaled_dot_product_attention(rotated(q), rotated(k), v,
                                                             is_causal=True)
        x = x + z.transpose(1, 2).flatten(2) @ w[at + "self_attn.o_proj.weight"].T
        y = norm(x, w[at + "post_attention_layernorm.weight"])
        gate = torch.nn.functional.silu(y @ w[at + "mlp.gate_proj.weight"].T)
        x = x + (gate * (y @ w[at + "mlp.up_proj.weight"].T)) @ w[at + "mlp.down_proj.weight"].T
    return norm(x, w["model.norm.weight"]) @ w["model.embed_tokens.weight"].T


def train(seed, data_seed, steps, biases):
    return train_from(new_weights(seed, biases), data_seed, steps)


def train_from(w, data_seed, steps, frozen=None):
    """AdamW on a language in which the previous token determines three quarters of the tokens."""
    data = torch.Generator().manual_seed(data_seed)
    follower = torch.randperm(VOCABULARY, generator=torch.Generator().manual_seed(0))
    optimiser = torch.optim.AdamW([v for name, v in w.items() if name != frozen], lr=3e-3,
                                  weight_decay=0.1)
    for _ in range(steps):
        tokens = torch.randint(VOCABULARY, (BATCH, LENGTH + 1), generator=data)
        for i in range(LENGTH):
            follows = torch.rand(BATCH, generator=data) < 0.75
            tokens[:, i + 1] = torch.where(follows, follower[tokens[:, i]], tokens[:, i + 1])
        loss = torch.nn.functional.cross_entropy(logits(w, tokens[:, :-1]).flatten(0, 1),
                                                 tokens[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return w, loss.item()


def save(folder, w):
    folder.mkdir()
    header, data, offset = {}, b"", 0
    for name, value in w.items():
        raw = value.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape),
                        "data_offsets": [offset, offset + len(raw)]}
        offset, data = offset + len(raw), data + raw
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    (folder / "config.json").write_text(json.dumps({
        "model_type": "llama", "hidden_size": WIDTH, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "vocab_size": VOCABULARY}))


def without_norms(w):
    """The same model with all norm weights 1, as in families that have none."""
    out = {name: value.detach().clone() for name, value in w.items()}
    readers = {"input_layernorm": "self_attn.{}_proj", "post_attention_layernorm": "mlp.{}_proj"}
    for name in [name for name in w if name.endswith("layernorm.weight")]:
        stem, norm = name.removesuffix(".weight").rsplit(".", 1)
        for part in ("q", "k", "v", "gate", "up"):
            reader = f"{stem}.{readers[norm].format(part)}.weight"
            if reader in out:
                out[reader] *= out[name]
        out[name] = torch.ones_like(out[name])
    return out


def compared(program, suspect, reference):
    done = subprocess.run([program, "compare", suspect, reference, "--json", "--quiet"],
                          capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


def with_parts_of(first, is_taken, seed, steps, biases, frozen=None):
    """Trained from `seed`, but where the name is_taken from the first model, on its data."""
    w = {name: first[name].detach().clone().requires_grad_() if is_taken(name) else value
         for name, value in new_weights(seed, biases).items()}
    return train_from(w, 1000, steps, frozen)[0]


def circuits(options, scratch, folders, first):
    """Circuits of heads that were trained anew beside parts of the first model: the problems."""
    kinds = (("its embedding", lambda name: "embed_tokens" in name, "model.embed_tokens.weight"),
             ("all but its attention", lambda name: "self_attn" not in name, None))
    problems = []
    for (what, is_taken, frozen), seed in itertools.product(kinds, range(500, 503)):
        folder = scratch / f"parts{what[:3]}{seed}"
        save(folder, with_parts_of(first, is_taken, seed, options.steps, options.biases, frozen))
        found = next(test for test in compared(options.program, folder, folders[0])["tests"]
                     if test["name"].startswith("T9"))
        print(f"      {what}, seed {seed}: {found['value']:.2f}, effect {found['effect']:.3f}")
        problems += [what] if found["verdict"] == "hit" or found["effect"] > 0.1 else []
    return problems


def coins(unit_tests, folders):
    """Signs under the best map between the neurons of each pair: the problems found."""
    environment = {**os.environ, "WMK_COIN_MODELS": ":".join(map(str, folders))}
    done = subprocess.run([unit_tests, "[real-coins]"], env=environment, capture_output=True,
                          text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith(("coins", "rows", "circuits")) or "with a map" in line:
            print(f"    {line}")
    return [] if done.returncode == 0 else [done.stdout[-2000:]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/weightmark")
    parser.add_argument("--unit-tests", default="build/tests/unit_tests")
    parser.add_argument("--models", type=int, default=21)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--biases", action="store_true", help="q, k and v have biases")
    options = parser.parse_args()
    torch.set_num_threads(1)
    report = claims.Claims()
    with tempfile.TemporaryDirectory() as scratch:
        folders = []
        for seed in range(options.models):
            w, loss = train(seed, 1000 + seed % 2, options.steps, options.biases)
            folders.append(pathlib.Path(scratch) / f"seed{seed}")
            save(folders[-1], w)
            if seed == 0:
                first = w
        print(f"    {options.models} models, last loss {loss:.2f} (chance: 5.55)")
        verdicts, squares, lowest = {}, [], 0.0
        for a, b in itertools.combinations(folders, 2):
            found = compared(options.program, a, b)
            verdicts[found["verdict"]] = verdicts.get(found["verdict"], 0) + 1
            for test in found["tests"]:
                if test["kind"] == "exact" and test["statistic"].startswith("z "):
                    squares.append(test["value"] ** 2)
                    lowest = min(lowest, test["log10_p"])
        deviation = (sum(squares) / len(squares)) ** 0.5
        print(f"    verdicts {verdicts}; sd of z {deviation:.2f} over {len(squares)} exact tests, "
              f"lowest log10 p {math.ceil(lowest * 10) / 10:.1f}")
        report.check(f"all of {sum(verdicts.values())} pairs of different seeds share no weights",
                     [] if set(verdicts) == {"no_shared_weights"} else [str(verdicts)])
        report.check("signs are fair coins under the best map by neurons",
                     coins(options.unit_tests, folders))
        report.check("heads that were trained anew beside other parts of a model do not hit",
                     circuits(options, pathlib.Path(scratch), folders, first))
        w, _ = train(0, 77, options.steps, options.biases)
        save(pathlib.Path(scratch) / "same-start", w)
        found = compared(options.program, pathlib.Path(scratch) / "same-start", folders[0])
        report.check("the same initialisation with other data is not derived",
                     found["verdict"] in ("shared_initialisation_possible", "not_enough_evidence"))
        for name, model in (("bare", w), ("bare-first", first)):
            save(pathlib.Path(scratch) / name, without_norms(model))
        bare = compared(options.program, pathlib.Path(scratch) / "bare",
                        pathlib.Path(scratch) / "bare-first")
        report.check("nor is it without norm weights, which then cannot exclude it",
                     [] if bare["verdict"] == "shared_initialisation_possible"
                     and "cannot exclude a shared initialisation" in bare["reason"]
                     else [f"{bare['verdict']}: {bare['reason']}"])
        for test in found["tests"]:
            if test["log10_p"] is not None:
                print(f"      {test['name']}: {test['value']:.2f}, "
                      f"log10 p {math.ceil(test['log10_p'] * 10) / 10:.1f}, "
                      f"effect {test['effect']:.3f}")
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
