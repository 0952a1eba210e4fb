#!/usr/bin/env python3
"""Do the suspects that claim to keep what the model computes keep it? On a tiny model, in F32."""
import pathlib
import sys
import tempfile

import numpy as np

import basis
import forward
import names
import neurons
import numbers_stored
import others
from folder import Suspect

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1]),
                str(pathlib.Path(__file__).with_name("attention"))]
import claims  # noqa: E402
import heads  # noqa: E402

TOKENS = [5, 17, 300, 4, 4, 99, 0, 211]
CLOSE = 1e-4  # of the spread of the logits: what float32 rounds away, in the worst of them


def difference(before, after):
    return np.abs(after - before).max() / before.std()


def undone_rotations(suspect):
    """Of quip(): the largest difference of a matrix from W = U W' V^T, as its file says."""
    before, stored = suspect.copy(), {}
    pack, numbers_stored.packed_in_four_bits = numbers_stored.packed_in_four_bits, (
        lambda changed, _: stored.update(changed.tensors))
    numbers_stored.quip(suspect)
    numbers_stored.packed_in_four_bits, worst = pack, 0.0
    matrices = {(name.rsplit(".", 2)[1], len(values)): values / np.sqrt(len(values))
                for name, (kind, values) in suspect.tensors.items() if kind == "F64"}
    for layer in suspect.layers():
        for part in numbers_stored.LINEAR:
            name = f"{layer}{part}.weight"
            held = suspect[name].astype("f8")
            u, v = matrices["u_output", held.shape[0]], matrices["v_input", held.shape[1]]
            worst = max(worst, np.abs(u @ held @ v.T - before[name]).max())
    return worst


def main():
    report = claims.Claims()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "tiny"
        forward.tiny_model(path)
        before = forward.logits(Suspect(path, "F32"), TOKENS)
        keep = [vars(module)[name] for module in (neurons, basis, heads) for name in module.KEEPS]
        for make in (*keep, names.norms_moved):
            suspect = Suspect(path, "F32")
            make(suspect)
            distance = difference(before, forward.logits(suspect, TOKENS))
            report.check(f"suspects: {make.__name__} keeps the logits",
                         [] if distance < CLOSE else [f"off by {distance:.2g} deviations"])
        changed = Suspect(path, "F32")
        basis.re_embedded(changed)
        report.check("suspects: a new embedding is seen by the comparison of logits",
                     bool(difference(before, forward.logits(changed, TOKENS)) > 0.1))
        suspect = Suspect(path, "F32")
        others.layernorm_model(suspect)
        before = forward.logits(suspect, TOKENS)
        others.layernorm_ones(suspect)
        distance = difference(before, forward.logits(suspect, TOKENS))
        report.check("suspects: layernorm_ones keeps the logits",
                     [] if distance < CLOSE else [f"off by {distance:.2g} deviations"])
        worst = undone_rotations(Suspect(path, "F32"))
        report.check("suspects: the rotations of quip are undone by W = U W' V^T",
                     [] if worst < 1e-6 else [f"off by {worst:.2g}"])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
