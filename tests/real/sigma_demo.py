#!/usr/bin/env python3
"""How strongly do curves of standard deviations correlate in unrelated models?

sigma_demo.py [--program build/weightmark] [--models 7] [MODEL MODEL ...]: first by simulation, then
on checkpoints that are certainly unrelated, because they are random numbers from different seeds,
with what all deep networks share: a trend over depth. Models that are named are compared in pairs.
Prints the figures of specs/sigma_curves.md; fails if `compare` is misled. Needs only the standard
library.
"""
import argparse
import array
import itertools
import json
import math
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import claims  # noqa: E402

DISPUTED = .927  # published as proof in 2025
DEPTH, DRAWS = 48, 4000
WIDTH, UNITS, LAYERS, VOCABULARY = 48, 96, 24, 64
NOISE, TREND_OF_STD = .5, .2


def cholesky(matrix):
    low = [[0.0] * len(matrix) for _ in matrix]
    for i, row in enumerate(matrix):
        for j in range(i + 1):
            rest = row[j] - sum(low[i][k] * low[j][k] for k in range(j))
            low[i][j] = math.sqrt(rest) if i == j else rest / low[j][j]
    return low


class Smooth:
    """Random curves of deviation 1 that are smooth over about `scale` layers."""

    def __init__(self, depth, scale):
        self.low = cholesky([[math.exp(-((i - j) / scale) ** 2 / 2) + (1e-8 if i == j else 0)
                              for j in range(depth)] for i in range(depth)])

    def draw(self, rng):
        z = [rng.gauss(0, 1) for _ in self.low]
        return [sum(row[k] * z[k] for k in range(i + 1)) for i, row in enumerate(self.low)]


def correlation(a, b):
    a, b = ([v - statistics.fmean(curve) for v in curve] for curve in (a, b))
    return (sum(x * y for x, y in zip(a, b))
            / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b)))


def trend(depth):
    """A straight line of deviation 1."""
    line = [i / (depth - 1) - .5 for i in range(depth)]
    return [x / statistics.pstdev(line) for x in line]


def share(values, above):
    return sum(value > above for value in values) / len(values)


def simulate(report):
    rng = random.Random(1)
    print(f"    {DEPTH} layers, independent smooth curves, {DRAWS} pairs each:")
    for scale, known in ((6, .0025), (12, .033), (20, .096)):
        smooth = Smooth(DEPTH, scale)
        found = [correlation(smooth.draw(rng), smooth.draw(rng)) for _ in range(DRAWS)]
        above = share(found, DISPUTED)
        print(f"      smooth over {scale} layers: P(r > {DISPUTED}) = {above:.4f}, "
              f"P(|r| > .7) = {share([abs(r) for r in found], .7):.2f}")
        report.check(f"curves smooth over {scale} layers exceed {DISPUTED} as often as published",
                     abs(above - known) < 4 * math.sqrt(known / DRAWS) + .001)
    smooth, line = Smooth(DEPTH, 6), trend(DEPTH)

    def curve():
        return [x + NOISE * y for x, y in zip(line, smooth.draw(rng))]
    found = [correlation(curve(), curve()) for _ in range(DRAWS)]
    four = [statistics.fmean(found[i:i + 4]) for i in range(0, DRAWS, 4)]
    print(f"    one trend over depth, noise {NOISE} of it: median {statistics.median(found):.2f}, "
          f"P(r > {DISPUTED}) = {share(found, DISPUTED):.2f}; mean of four curves: median "
          f"{statistics.median(four):.2f}, P(> {DISPUTED}) = {share(four, DISPUTED):.2f}, "
          f"highest {max(four):.3f}")
    report.check("a trend over depth alone exceeds it in at least a quarter of the pairs",
                 share(found, DISPUTED) > .25)


def tensors(rng):
    """(name, shape, deviation): every matrix follows the trend, plus its own random curve."""
    smooth, line = Smooth(LAYERS, 6), trend(LAYERS)
    yield "model.embed_tokens.weight", (VOCABULARY, WIDTH), .02
    yield "model.norm.weight", (WIDTH,), 0
    curves = {}
    for part, place, shape in (
            ("q", "self_attn", (WIDTH, WIDTH)), ("k", "self_attn", (WIDTH, WIDTH)),
            ("v", "self_attn", (WIDTH, WIDTH)), ("o", "self_attn", (WIDTH, WIDTH)),
            ("gate", "mlp", (UNITS, WIDTH)), ("up", "mlp", (UNITS, WIDTH)),
            ("down", "mlp", (WIDTH, UNITS))):
        own = smooth.draw(rng)
        curves[f"{place}.{part}_proj.weight"] = shape, [x + NOISE * y for x, y in zip(line, own)]
    for layer in range(LAYERS):
        for name, (shape, curve) in curves.items():
            deviation = .02 * math.exp(TREND_OF_STD * curve[layer])
            yield f"model.layers.{layer}.{name}", shape, deviation
        for name in ("input_layernorm", "post_attention_layernorm"):
            yield f"model.layers.{layer}.{name}.weight", (WIDTH,), 0


def write_model(folder, seed):
    """Independent normal numbers; norm weights near 1."""
    rng, header, data = random.Random(seed), {}, bytearray()
    for name, shape, deviation in tensors(rng):
        values = array.array("f", (rng.gauss(0, deviation) if deviation else 1 + rng.gauss(0, .1)
                                   for _ in range(math.prod(shape))))
        header[name] = {"dtype": "F32", "shape": shape,
                        "data_offsets": [len(data), len(data) + 4 * len(values)]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    (folder / "config.json").write_text(json.dumps({
        "model_type": "llama", "hidden_size": WIDTH, "num_hidden_layers": LAYERS,
        "num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": VOCABULARY}))


def compared(program, suspect, reference):
    """(verdict, {name of a soft test: value})."""
    done = subprocess.run([program, "compare", suspect, reference, "--json", "--quiet"],
                          capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    return found["verdict"], {test["name"]: test["value"] for test in found["tests"]
                              if test["name"].startswith("T8")}


def compare_all(report, program, what, models):
    verdicts, soft = {}, {}
    for a, b in itertools.combinations(models, 2):
        verdict, values = compared(program, a, b)
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
        for name, value in values.items():
            soft.setdefault(name, []).append(value)
    print(f"    {sum(verdicts.values())} pairs of {what}: {verdicts}")
    for name, values in soft.items():
        print(f"      {name}: {min(values):.3f} to {max(values):.3f}, "
              f"median {statistics.median(values):.3f}")
    report.check(f"none of {sum(verdicts.values())} pairs of {what} is derived",
                 not verdicts.keys() & {"derived", "partly_derived"})
    return soft


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/weightmark")
    parser.add_argument("--models", type=int, default=7)
    parser.add_argument("others", nargs="*", metavar="MODEL")
    options = parser.parse_args()
    report = claims.Claims()
    simulate(report)
    with tempfile.TemporaryDirectory() as scratch:
        folders = [pathlib.Path(scratch) / f"seed{seed}" for seed in range(options.models)]
        for seed, folder in enumerate(folders):
            write_model(folder, seed)
        soft = compare_all(report, options.program, "seeds with one trend over depth", folders)
        report.check(f"their curves exceed {DISPUTED} nevertheless",
                     max(soft["T8 sigma curves"]) > DISPUTED)
    if len(options.others) > 1:
        compare_all(report, options.program, "the named models", options.others)
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
