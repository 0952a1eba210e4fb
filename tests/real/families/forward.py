"""Forward passes that prove a reading: rewrites that leave the logits alone only if it is right.

Norm before the FFN: each entry of its weight is doubled or halved, and that column of all its
readers the other way round. Norm after the FFN: the signs of its weight and of everything that
writes into it are turned. Both have a control that must change the logits. Needs torch,
safetensors and transformers. A Probe owns its model; not for threads.
"""
import copy
import re
import shutil

import torch
from safetensors.torch import load_file, save_file

from exceptions import READERS
from rules import width_axis
from trace import Trace, own_parameters, owners_of

TOLERANCE = 1e-4  # of the logits' spread; float32 leaves 1e-6, a wrong reading 1e-2 and more
TELLING = 1e-3    # a control must change the logits by this much


def factors(width, place):
    layer, part = place
    generator = torch.Generator().manual_seed(100 + layer + 1000 * len(part))
    return torch.where(torch.rand(width, generator=generator) < 0.5, 0.5, 2.0)


def times(weight, factor, one_plus):
    return (1 + weight) * factor - 1 if one_plus else weight * factor


def bias_names(spot, tensors):
    stem = spot.name.removesuffix(".weight")
    return [name for name in (f"{stem}.bias", f"{stem}_bias") if name in tensors]


def rewrite_before(tensors, reading):
    """Edits `tensors`; returns {name: factor} of the norm weights before the FFN."""
    changed = {}
    for spot in reading.spots["ffn_norm"]:
        factor = factors(reading.width, spot.place)
        tensors[spot.name] = times(tensors[spot.name], factor, "one_plus" in spot.flags)
        for name in bias_names(spot, tensors):
            tensors[name] = tensors[name] * factor
        for reader in reading.readers(spot.place):
            by = factor if width_axis(reader) == -1 else factor.unsqueeze(-1)
            tensors[reader.name] = tensors[reader.name] / by
        changed[spot.name] = factor
    return changed


def rewrite_after(tensors, reading):
    """Edits `tensors`: the norms after the FFN."""
    for spot in reading.spots["ffn_post_norm"]:
        tensors[spot.name] = times(tensors[spot.name], -1.0, "one_plus" in spot.flags)
        for writer in reading.writers(spot.place):
            for name in (writer.name, *bias_names(writer, tensors)):
                tensors[name] = -tensors[name]


class Probe:
    """One tiny model, as built and as saved in `folder`; `run` gives the logits of a model."""

    def __init__(self, model, folder, width, run):
        self.model, self.folder, self.width, self.run = model, folder, width, run
        self.tensors = {}
        for path in sorted(folder.glob("*.safetensors")):
            self.tensors.update(load_file(path))
        with torch.no_grad():
            self.traced = Trace(model, width, run)
        self.spread = float(self.traced.logits.std())

    def loaded(self, folder):
        with torch.no_grad():
            model = type(self.model).from_pretrained(folder, dtype=torch.float32,
                                                     attn_implementation="eager")
        return model.float().eval()

    def distance(self, model):
        """Largest difference of the logits, in units of their spread."""
        with torch.no_grad():
            return float((self.run(model) - self.traced.logits).abs().max()) / self.spread

    def written(self, tensors, name):
        folder = self.folder.with_name(name)
        folder.mkdir()
        for path in self.folder.iterdir():
            if path.is_file() and ".safetensors" not in path.name:
                shutil.copy(path, folder)
        save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "model.safetensors",
                  metadata={"format": "pt"})
        return folder

    def readers(self, norm):
        """All that read a module's outputs as they are, and those that READERS names."""
        ends = READERS.get(type(self.model).__name__, ())
        layer = re.match(r".*?\.\d+\.", norm)
        return self.traced.readers_of(norm) + [
            name for name in self.traced.inputs
            if layer and name.startswith(layer[0]) and name.endswith(ends) and ends]

    def scale_other_readers(self, changed, edited):
        """Halves or doubles, in the loaded copy, what else reads the norms that were changed: a
        router, or attention beside the FFN. Returns the problems."""
        mine, theirs, problems = dict(self.model.named_modules()), dict(edited.named_modules()), []
        for tensor, factor in changed.items():
            owners = owners_of(self.model, self.tensors[tensor])
            if not owners:
                problems.append(f"'{tensor}' is not a parameter of the loaded model")
            for reader in {name for owner in owners for name in self.readers(owner)}:
                before, after = own_parameters(mine[reader]), own_parameters(theirs[reader])
                if any(not torch.equal(before[key], after[key]) for key in before):
                    continue  # the rules know it
                for parameter in after.values():
                    if parameter.dim() > 1 and parameter.shape[-1] == len(factor) and (
                            parameter.dim() == 2 or parameter.numel() > len(factor)):
                        parameter.data /= factor
        return problems

    def norm_weights(self, reading):
        """Problems of the norms before and after the FFN; None where there are none to check."""
        norms = [*reading.spots["ffn_norm"], *reading.spots["ffn_post_norm"]]
        if not norms:
            return None
        tensors = dict(self.tensors)
        changed = rewrite_before(tensors, reading)
        rewrite_after(tensors, reading)
        edited = self.loaded(self.written(tensors, "rewritten"))
        problems = self.scale_other_readers(changed, edited)
        off = self.distance(edited)
        if not off <= TOLERANCE:
            problems.append(f"norm weights are read wrongly: logits move by {off:.1e}")
        alone = {**self.tensors, **{spot.name: tensors[spot.name] for spot in norms}}
        off = self.distance(self.loaded(self.written(alone, "control")))
        return problems + ([] if off > TELLING else [f"control: logits move by {off:.1e} only"])

    def forgotten_norms(self, reading):
        """Norms that fold into the first FFN, though no rule names them."""
        problems = []
        for places, spots, check in (
                (reading.places("ffn_norm"), reading.all_readers(), self.folds_before),
                (reading.places("ffn_post_norm"), reading.spots["ffn_down"], self.folds_after)):
            for spot in [s for s in spots if s.place not in places][:1]:
                problems += [f"norm '{name}' folds into '{spot.name}', and no rule says so"
                             for name in check(self.traced.holders_of(self.tensors, spot))]
        return problems

    def folds_before(self, ffn):
        return [norm for norm in self.traced.norms_before(ffn)
                if self.is_exact(norm, 2.0, [(name, 0.5) for name in self.readers(norm)])]

    def folds_after(self, ffn):
        return [norm for norm in self.traced.norms_after(ffn)
                if self.is_exact(norm, -1.0, [(ffn, -1.0)])]

    def is_exact(self, norm, factor, others, kinds=(False, True)):
        """Whether the logits stay when the norm's weight, w or 1 + w, and others are multiplied."""
        for one_plus in kinds:
            model = copy.deepcopy(self.model)
            modules = dict(model.named_modules())
            for key, parameter in own_parameters(modules[norm]).items():
                parameter.data = times(parameter.data, factor, one_plus and key != "bias")
            for name, by in others:
                for parameter in own_parameters(modules[name]).values():
                    if parameter.dim() > 1 or by < 0:
                        parameter.data *= by
            if self.distance(model) <= TOLERANCE:
                return True
        return False
