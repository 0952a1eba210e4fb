"""What `compare` returns."""
from __future__ import annotations

from dataclasses import dataclass, field

from ._model_values import Notice

@dataclass(frozen=True)
class LineageTest:
    """One test of a comparison.

    Attributes:
        statistic: what `value` is.
        log10_p: before any correction; None where the test has no p.
        outcome: "hit", "weak", "null", "anomaly", "control failed", "soft" or "not run".
        kind: how p was obtained: "exact", "model-based", "empirical" or "none".
        null: the null hypothesis, in words.
        effect: a mean cosine, or a share of neurons.
        hypotheses: how many are corrected for.
        stands_out: agreement that unrelated models do not reach, although no p decides.
    """

    name: str
    statistic: str
    value: float
    log10_p: float | None
    outcome: str
    note: str
    family: str
    kind: str
    null: str
    basis: str
    effect: float
    hypotheses: float
    stands_out: bool


@dataclass(frozen=True)
class LineageFamily:
    """What the tests of one family of tensors say together; log10_p is corrected."""

    name: str
    comparable: bool
    hit: bool
    null: bool
    log10_p: float
    reason: str  # why it is not comparable


@dataclass(frozen=True)
class ExpertShare:
    """The share of one expert's sampled neurons that the reference has too."""

    layer: int
    expert: int | None  # None: the dense network, or the shared expert
    shared: bool
    sampled: int
    share: float


@dataclass(frozen=True)
class Parent:
    """A model that the suspect may have been merged from.

    Attributes:
        missing: why it was not compared, or an empty string.
        weight: in the mixture that fits best; weight_low and weight_high in single matrices.
        alone: share of the suspect that it explains by itself.
    """

    path: str
    missing: str
    weight: float
    weight_low: float
    weight_high: float
    alone: float


@dataclass(frozen=True)
class ComparedNotice(Notice):
    """A notice of the suspect's folder: whom it names, and where the reference has it too."""

    names: str
    reference_file: str  # empty: nowhere
    reference_line: int


@dataclass(frozen=True)
class Comparison:
    """The answer of `compare`.

    Attributes:
        verdict: "derived", "partly_derived", "shared_component",
            "shared_initialisation_possible", "no_shared_weights" or "not_enough_evidence".
        finding: the answer as a sentence; `reason` names the rule that led to it.
        component: which one is shared, of "shared_component".
        direction: what structure shows about who came first, or an empty string.
        basis: in which residual vectors were compared.
        parents: the reference and the models of `also`; `explained` is the share of the suspect
            that their mixture explains.
    """

    verdict: str
    finding: str
    reason: str
    component: str
    direction: str
    basis: str
    bases_tried: list[str]
    tests: list[LineageTest]
    families: list[LineageFamily]
    experts: list[ExpertShare]
    parents: list[Parent]
    explained: float
    notices: list[ComparedNotice]
    notices_cut: bool
    seed: int
    notes: list[str] = field(compare=False)
    seconds: float = field(compare=False)

    def __bool__(self) -> bool:
        return self.verdict in ("derived", "partly_derived")
