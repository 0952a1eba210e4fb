"""What `detect_logits` returns."""
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LogitsReading:
    """One way to read logits. `fault`: why it was not read, or an empty string."""

    reading: str
    z: float
    price: float
    rank: int
    fault: str


@dataclass(frozen=True)
class LogitsDetection:
    """The answer of `detect_logits`.

    Attributes:
        verdict: "conclusive", "detected" or "undecided"; logits cannot exclude a mark.
        finding: the answer as a sentence.
        claim, conditions: what it rests on, in words.
        z: the statistic; under the null hypothesis it has deviation 1.
        log10_p: of the bound on chance, times `price`, the hypotheses that are paid for.
        rank: of the span of the rows; `rank_by_spectrum`: where its spectrum falls.
        pairs: of tokens that carry the mark.
        readings: all that were tried.
    """

    verdict: str
    finding: str
    claim: str
    conditions: list[str]
    z: float
    log10_p: float
    price: float
    reading: str
    rows: int
    columns: int
    rank: int
    rank_by_spectrum: bool
    pairs: int
    shares: int
    readings: list[LogitsReading]
    key: str
    seconds: float = field(compare=False)

    def __bool__(self) -> bool:
        return self.verdict in ("conclusive", "detected")
