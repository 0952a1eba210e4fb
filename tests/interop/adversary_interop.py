"""Two implementations of careful sketches and of carried frames; called by reference_interop.sh.

A small model is marked and changed by attacks that hide the mark. z of the careful window with most
neurons must agree, in the model's own frame, and in the frame that the release's neurons carry into
a copy that is rotated, permuted and renamed, its layers shuffled. The reference is adversary.py in
the folder of ctss.py; without it the claims are skipped.
"""
import importlib.util
import json
import pathlib
import re
import sys
import tempfile
from unittest import mock

import torch
from safetensors.torch import load_file, save_file

import small_model
from reference_interop import KEY, WRONG, Claims, Ours, judge, require, run

SIZES = dict(d=256, layers=6, f=768, vocabulary=6000, seed=3)
STRENGTH = 0.01
# Too weak to be conclusive, so that this program goes on to the careful windows of a plain copy.
WEAK_STRENGTH = 0.005
SHUFFLED = (3, 0, 5, 1, 4, 2)  # where each layer of the release is in the disguised copy
CAREFUL_NEAR, CARRIED_NEAR = 0.01, 0.02
# Of z without a mark, whose deviation is 1.
NULL_NEAR = 0.1
OWN = ["--readings", "declared", "--full"]
# Of the largest z that signs of all rows of v can show; one layer of six in a wrong pair costs 1/6.
LAYERS_RIGHT = 0.95


def write_plain(folder):
    """Gate rows of each layer have their own covariance, as those of trained models do: rows that
    are isotropic carry no frame. Where a norm weight is zero, gates do not tell a direction from
    its opposite, so no norm weight before an FFN is near zero."""
    small_model.write(folder, **SIZES)
    path, width = folder / "model.safetensors", SIZES["d"]
    tensors, random = load_file(path), torch.Generator().manual_seed(3)
    for layer in range(SIZES["layers"]):
        front = f"model.layers.{layer}."
        basis = torch.linalg.qr(torch.randn(width, width, generator=random))[0]
        scale = torch.exp(-(2 + 1.6 * layer) * torch.arange(width) / width)
        scale /= scale.square().mean().sqrt()
        gate = tensors[front + "mlp.gate_proj.weight"].float() @ basis * scale @ basis.T
        tensors[front + "mlp.gate_proj.weight"] = gate.to(torch.bfloat16).contiguous()
        weights = 0.3 + 1.4 * torch.rand(width, generator=random)
        tensors[front + "post_attention_layernorm.weight"] = weights.to(torch.bfloat16)
    save_file(tensors, path, {"format": "pt"})


def shuffle_layers(folder):
    path = folder / "model.safetensors"
    moved = {re.sub(r"(?<=layers\.)\d+", lambda number: str(SHUFFLED[int(number[0])]), name): tensor
             for name, tensor in load_file(path).items()}
    save_file(moved, path, {"format": "pt"})


class Program:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.keys = Ours(path, folder).keys

    def mark(self, name, strength):
        run([self.path, "embed", self.folder / "plain", "--key", self.keys[KEY], "--strength",
             strength, "-o", self.folder / name], (0,))
        return self.folder / name

    def attacked(self, model, *names):
        """A copy after several attacks."""
        for name in names:
            out = model.with_name(f"{model.name}-{name}")
            run([self.path, "attack", name, model, "-o", out], (0,))
            model = out
        return model

    def detect(self, model, *options, key=KEY):
        return json.loads(run([self.path, "detect", model, "--key", self.keys[key], "--shares", 1,
                               "--sites", "ffn", "--json", *OWN, *options], (0, 1, 3)))

    def compare(self, model, release):
        return json.loads(run([self.path, "compare", model, release, "--json"], (0, 1, 3)))


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


class Adversary:
    """The reference, inside this process."""

    def __init__(self, ctss_path):
        self.ctss = load("ctss", ctss_path)
        self.module = load("adversary", adversary_of(ctss_path))  # imports ctss

    def model(self, folder):
        return self.ctss.Model(folder)

    def structure(self, model, key=KEY):
        subkey = self.ctss.subkey(bytes.fromhex(key), "share/0")
        return self.ctss.Structure(subkey, model.embedding, model.labels)

    def plain(self, model, structure):
        """z, the larger of hard and soft tags."""
        carriers = self.ctss.carriers(structure.key, structure)
        return max(self.ctss.score([(self.ctss.sketch(model, structure, soft), carriers)])
                   for soft in (False, True))

    def window(self, model, structure):
        """The window with most neurons: z, the larger of hard and soft tags, and neurons."""
        carriers = self.ctss.carriers(structure.key, structure)
        first = [self.module.windows(model, structure, soft)[0] for soft in (False, True)]
        return max(self.ctss.score([(V, carriers)]) for _, _, V, _ in first), first[0][0]

    def carry(self, suspect, release):
        """O, and the pairs of layers of the candidate that adversary.py takes for it."""
        candidates, all_pairs, fits = self.module.layer_pairs, [], []

        def only_one(*forms):
            all_pairs[:] = candidates(*forms)
            return [all_pairs[len(fits)]]

        with mock.patch.object(self.module, "layer_pairs", only_one):
            while not fits or len(fits) < len(all_pairs):
                try:
                    o, fit, _, _ = self.module.carry(suspect, release)
                    fits.append((fit, o))
                except SystemExit:  # no neuron is found under these pairs
                    fits.append((0, None))
        best = max(range(len(fits)), key=lambda number: fits[number][0])
        require(fits[best][0] > 0, "adversary.py finds no neuron of the release")
        return fits[best][1], all_pairs[best]


def adversary_of(ctss_path):
    return pathlib.Path(ctss_path).with_name("adversary.py")


def near(ours, theirs, part, what):
    require(abs(ours - theirs) <= part * abs(theirs), f"{what}: {ours} against {theirs}")


def tried(answer, frame, window):
    """z of one hypothesis of an answer."""
    found = [each["z"] for each in answer["readings"] if each["reading"] == "declared" and
             each["frame"] == frame and each["window"] == window and not each["fault"]]
    require(len(found) == 1, f"{frame}, window {window} is not among {answer['readings']}")
    return found[0]


def check_careful(program, reference, name, suspect):
    model = reference.model(suspect)
    answer, structure = program.detect(suspect), reference.structure(model)
    z, (theirs, neurons) = tried(answer, "strings", 1), reference.window(model, structure)
    near(z, theirs, CAREFUL_NEAR, f"{name}: careful z")
    if answer["window"] == 1:
        ours = answer["weights_read"] // (3 * SIZES["d"])
        require(ours == neurons, f"{name}: {ours} neurons in the window against {neurons}")
    print(f"  {name}: careful z {z:.2f} / {theirs:.2f}, {neurons} neurons; plain, ours, "
          f"{tried(answer, 'strings', None):.2f}")


def check_wrong_key(program, reference, suspect):
    model = reference.model(suspect)
    z = tried(program.detect(suspect, key=WRONG), "strings", 1)
    theirs, _ = reference.window(model, reference.structure(model, WRONG))
    require(abs(z - theirs) <= NULL_NEAR, f"a wrong key: careful z {z} against {theirs}")
    print(f"  a wrong key: careful z {z:.2f} / {theirs:.2f}")


def careful_z_agrees(program, reference, marked):
    weak = program.mark("weak", WEAK_STRENGTH)
    check_careful(program, reference, "a plain copy, half as strong", weak)
    check_wrong_key(program, reference, weak)
    for attack in ("clone-neurons", "rescale-extreme"):
        check_careful(program, reference, attack, program.attacked(marked, attack))


def disguised(program, model):
    out = program.attacked(model, "rotate", "permute", "flip", "rename-tokens")
    shuffle_layers(out)
    return out


def check_layers(program, suspect, release, pairs):
    """`compare` shows which layers are alike under the map; rows of v, which no map was fitted to,
    agree in the pairs of layers that the map gives."""
    document = program.compare(suspect, release)
    map_of_layers, tests = document["layer_scores"], document["tests"]
    rows = torch.tensor(map_of_layers["values"]).view(len(map_of_layers["suspect_layers"]), -1)
    ours = list(enumerate(rows.argmax(dim=1).tolist()))
    require(ours == pairs, f"pairs of layers: {ours} against {pairs}")
    signs = [each["value"] for each in tests if each["name"] == "T1 row signs, v/o" and
             each["gauge"] == "neurons"]
    most = (SIZES["layers"] * SIZES["d"] / 2) ** 0.5
    require(len(signs) == 1 and signs[0] >= LAYERS_RIGHT * most,
            f"signs of rows of v under the map: {signs}, at most {most}")
    print(f"  pairs of layers: {pairs}; signs of rows of v in ours: z {signs[0]:.1f} of {most:.1f}")


def check_carried(program, reference, name, suspect, release, window):
    model, of_release = reference.model(suspect), reference.model(release)
    answer = program.detect(suspect, "--release", release)
    o, pairs = reference.carry(model, of_release)
    structure = reference.module.carried(reference.structure(model), of_release, o)
    z = tried(answer, "carried", window)
    theirs = (reference.plain(model, structure) if window is None else
              reference.window(model, structure)[0])
    near(z, theirs, CARRIED_NEAR, f"{name}: z in the carried frame")
    own = tried(answer, "strings", window)
    print(f"  {name}: carried z {z:.2f} / {theirs:.2f}; own frame, ours, {own:.2f}")
    require(sorted(pairs) == sorted((i, SHUFFLED.index(i)) for i in range(SIZES["layers"])),
            f"{name}: adversary.py pairs layers {pairs}")
    return pairs


def carried_frame_agrees(program, reference, marked):
    suspect = disguised(program, marked)
    pairs = check_carried(program, reference, "disguised", suspect, marked, None)
    check_layers(program, suspect, marked, pairs)
    cloned = program.attacked(suspect, "clone-neurons")
    check_carried(program, reference, "disguised clones", cloned, marked, 1)


CLAIMS = {"careful z of a plain copy, of clones and of extreme scales is that of the reference":
          careful_z_agrees,
          "the release's frame is carried into a disguised copy as by the reference, with the same "
          "pairs of layers and z": carried_frame_agrees}


def main():
    program, ctss_path = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    claims = Claims()
    if not adversary_of(ctss_path).is_file():
        for claim in CLAIMS:
            claims.skip(claim, f"no adversary.py beside {ctss_path.name}")
        sys.exit(claims.finish())
    torch.set_num_threads(1)
    reference = Adversary(ctss_path)
    with tempfile.TemporaryDirectory(prefix="wmk-adversary-") as name:
        ours = Program(program, pathlib.Path(name))
        write_plain(ours.folder / "plain")
        marked = ours.mark("marked", STRENGTH)
        for claim, question in CLAIMS.items():
            judge(claims, claim, question, ours, reference, marked)
    sys.exit(claims.finish())


if __name__ == "__main__":
    main()
