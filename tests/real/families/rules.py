"""What the naming rules say of a checkpoint's tensors: `inspect` gives roles, the rules file flags.

Needs no packages. A Reading holds for one folder; it is made once and not changed. Not for threads.
"""
import collections
import dataclasses
import itertools
import pathlib
import re

RULES = pathlib.Path(__file__).resolve().parents[3] / "checkpoint" / "naming"
FFN_IN = ("ffn_gate", "ffn_up", "ffn_gate_up")
ATTENTION = {"query", "key", "value", "second_value", "out", "qkv", "key_value", "query_down",
             "query_up", "latent_down", "latent_up", "value_up", "before_attention",
             "after_attention", "of_latent", "of_query"}


@dataclasses.dataclass(frozen=True)
class Spot:
    """A tensor the mark reads."""
    name: str
    role: str
    place: tuple  # layer and part
    flags: frozenset
    shape: tuple


def expanded(pattern):
    """Every pattern that one with braces stands for."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [part.split(",") if i % 2 else [part] for i, part in enumerate(parts)]
    return ["".join(each) for each in itertools.product(*choices)]


def flags_of(words, patterns):
    """The flags of each pattern; several parts of attention are one for each of them."""
    parts = [word for word in words if word in ATTENTION]
    rest = frozenset(words) - ATTENTION
    if len(parts) == len(patterns):
        return [rest | {part} for part in parts]
    return [frozenset(words)] * len(patterns)


def rules_in(path):
    """{pattern: (part, flags)} of a rules file."""
    out, part = {}, ""
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split("//")[0].split()
        if len(words) < 2 or words[0] in ("family", "types", "no_heads"):
            continue
        if words[0] == "part":
            part = words[1]
            continue
        patterns = expanded(words[1])
        out.update({pattern: (part, flags)
                    for pattern, flags in zip(patterns, flags_of(words[2:], patterns))})
    return out


def spellings(name):
    """The name as patterns spell it: numbers are '#', the last one perhaps a digit."""
    segments = re.sub(r"\.(weight|bias)$", "", name).split(".")
    canonical = ["#" if segment.isdigit() else segment for segment in segments]
    last = max((i for i, segment in enumerate(segments) if segment.isdigit()), default=None)
    if last is not None and len(segments[last]) == 1:
        yield canonical[:last] + segments[last:]
    yield canonical


def rule_of(rules, name):
    """That of the longest pattern at the end of the name: wrappers stand in front of it."""
    spelled = list(spellings(name))
    for i in range(len(spelled[0])):
        for segments in spelled:
            found = rules.get(".".join(segments[i:]))
            if found is not None:
                return found
    raise KeyError(f"no rule for {name}")


class Reading:
    """`inspected`: the JSON of `inspect --json --tensors`. `path`: rules, if not the family's."""

    def __init__(self, inspected, path=None):
        self.family, self.width = inspected["family"], inspected["width"]
        rules = rules_in(path or RULES / f"{self.family}.rules")
        self.spots = collections.defaultdict(list)  # by role
        self.unrecognised = []
        self.attention = collections.defaultdict(dict)  # by place: part of attention -> Spot
        for tensor in inspected["tensors"]:
            role, name = tensor["role"], tensor["name"]
            if role == "unrecognised":
                self.unrecognised.append((name, tuple(tensor["shape"])))
            if role in ("attention", "norm", "ffn_norm"):
                self.add_attention(rules, tensor)
            if not role.startswith("ffn_"):
                continue
            layer = next(int(s) for s in name.split(".") if s.isdigit())
            part, flags = rule_of(rules, name)
            spot = Spot(name, role, (layer, part), flags, tuple(tensor["shape"]))
            if "latent" not in flags or self.width in spot.shape:
                self.spots[role].append(spot)

        behind = {spot.place for spot in self.spots["ffn_post_norm"]}
        self.spots["ffn_norm"] = [spot for spot in self.spots["ffn_norm"]
                                  if "unless_post" not in spot.flags or spot.place not in behind]

    def add_attention(self, rules, tensor):
        name, shape = tensor["name"], tuple(tensor["shape"])
        part, flags = rule_of(rules, name)
        word = next(iter(flags & ATTENTION), None)
        if word is None:
            return
        layer = next(int(s) for s in name.split(".") if s.isdigit())
        parts = self.attention[layer, part]
        if tensor["role"] == "ffn_norm" and word in parts:
            return  # one of attention alone stands
        parts[word] = Spot(name, "ffn_down" if word == "out" else "ffn_up", (layer, part), flags,
                           shape)

    def places(self, role):
        return {spot.place for spot in self.spots[role]}

    def all_readers(self):
        return [spot for role in FFN_IN for spot in self.spots[role]]

    def readers(self, place):
        return [spot for spot in self.all_readers() if spot.place == place]

    def writers(self, place):
        return [spot for spot in self.spots["ffn_down"] if spot.place == place]


def width_axis(spot):
    """The axis of a gate or up matrix that runs over the residual stream."""
    return -2 if "transposed" in spot.flags else -1
