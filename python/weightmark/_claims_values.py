"""What `arbitrate` returns."""
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CaseFinding:
    """One link of the chain from a claim to a suspect.

    Attributes:
        name: "integrity", "opening", "time", "link", ...
        verdict: "pass", "fail" or "open".
        code: for programs, such as "log_uncounted".
        text: a clause.
        evidence: digests in hexadecimal.
        signer, signer_fingerprint, signer_role: whose signature it rests on; else empty.
    """

    name: str
    verdict: str
    code: str
    text: str
    evidence: list[str]
    signer: str
    signer_fingerprint: str
    signer_role: str


@dataclass(frozen=True)
class CaseLink:
    """The disclosed share in the suspect, as `detect` reads it: see `Detection`.

    Attributes:
        verdict: of the mark alone, "conclusive", "detected", "undecided" or "not_found".
        log10_p: of the price times the bound on chance.
        release_frame: the frame is the release's: recorded, shared or carried.
        controls: z of each control.
    """

    verdict: str
    z: float
    expected_z: float
    log10_p: float
    price: float
    frame: str
    release_frame: bool
    conditions: list[str]
    controls: list[float]


@dataclass(frozen=True)
class CaseWeight:
    """What the link weighs, counting everything that the claimant could choose.

    Attributes:
        commitments: as the logs count them, or None.
        log10_tries: of the commitments, or of 2^64 where no log counts them.
        log10_p: of p with all tries.
        lambda_, log10_e: the e-value, at the lambda that was committed.
    """

    commitments: int | None
    log10_tries: float
    log10_p: float
    lambda_: float
    log10_e: float


@dataclass(frozen=True)
class CrossZ:
    """The mark of the key of "claimant" or "opponent" in one model.

    Attributes:
        model: "claimant_release", "opponent_release" or "suspect".
        shown: the mark is there.
    """

    key: str
    model: str
    z: float
    shown: bool


@dataclass(frozen=True)
class Arbitration:
    """The answer of `arbitrate`; true if the ruling is "conclusive" or "detected".

    Attributes:
        ruling: or "undecided", "not_found", or "refused": the claim's own papers are bad, so no
            model was read.
        finding: a sentence without its full stop.
        meaning: what the ruling does not say.
        findings: in the order of the chain.
        limits: why the ruling is not above undecided though the mark shows.
        link, weight: None if no model was read.
        cross: with a counterclaim.
        suspect_root: hexadecimal; empty for logits, or if no model was read.
    """

    ruling: str
    finding: str
    meaning: str
    findings: list[CaseFinding]
    limits: list[str]
    link: CaseLink | None
    weight: CaseWeight | None
    cross: list[CrossZ]
    suspect_root: str
    notes: list[str] = field(compare=False)
    seconds: float = field(compare=False)

    def __bool__(self) -> bool:
        return self.ruling in ("conclusive", "detected")
