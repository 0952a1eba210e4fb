"""What the functions on models return."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SiteCapacity:
    """What one site can carry at the automatic strength: "ffn", "heads" or "output"."""

    site: str
    not_marked: str    # the reason; empty: it can carry a mark
    expected_z: float  # of all shares, in an untouched copy


@dataclass(frozen=True)
class TensorInfo:
    """One tensor. `role` is "unrecognised" if it is not read."""

    name: str
    dtype: str  # "BF16", or the name of a quantisation
    shape: tuple[int, ...]
    file: str
    role: str


@dataclass(frozen=True)
class TensorCount:
    """Tensors of one role or type; `bytes` as stored."""

    name: str
    tensors: int
    elements: int
    bytes: int


@dataclass(frozen=True)
class HeadInfo:
    """Attention heads that can be read.

    Attributes:
        layers, count, weights: of all layers; `count` is that of query heads.
        query_heads, kv_heads, value_size: of one layer, where all layers have the same.
        missing: why no layer is read, or an empty string.
    """

    layers: int
    count: int
    query_heads: int | None
    kv_heads: int | None
    value_size: int | None
    weights: int
    missing: str


@dataclass(frozen=True)
class Skipped:
    """What cannot be read and therefore not be marked: "layer 3, expert 1", and why."""

    part: str
    reason: str


@dataclass(frozen=True)
class Notice:
    """A line in the folder that says where the model comes from; anybody can write one."""

    kind: str
    file: str
    line: int  # from 1
    text: str


@dataclass(frozen=True)
class Inspection:
    """The answer of `inspect`: the numbers of `weightmark inspect --json`.

    Attributes:
        family: whose names and shapes the tensors have: "llama".
        bytes: of all tensors, as stored.
        active_parameters: per token; None if the number of chosen experts is not known.
        experts: routed experts of a layer.
        vocabulary, named_tokens: rows of the embedding, and how many of them `labels`, a file of
            the tokenizer, names; `labels` is "ids" without one.
        units, weights: neurons that can be read, and their weights.
        strength: the automatic one: relative change of each weight vector.
        output_rows, output_pairs: of the output head, and of those that carry signs.
        sites: what each site can carry.
        skipped: layers and heads that cannot be read.
    """

    format: str
    family: str
    model_type: str
    quantisation: str
    files: int
    bytes: int
    parameters: int
    active_parameters: int | None
    layers: int
    width: int
    experts: int
    experts_per_token: int | None
    context: int | None
    vocabulary: int
    labels: str
    named_tokens: int
    tied_embeddings: bool
    gated: bool
    units: int
    heads: HeadInfo
    weights: int
    strength: float
    shares: int
    output_rows: int
    output_pairs: int
    sites: list[SiteCapacity]
    tensors: list[TensorInfo]
    roles: list[TensorCount]
    dtypes: list[TensorCount]
    skipped: list[Skipped]
    notices: list[Notice]
    notices_cut: bool
    notes: list[str]
