"""What the functions of weightmark return and raise."""
from dataclasses import dataclass, field


class Error(RuntimeError):
    """Why no answer is possible. A *no* is an answer and never an Error.

    Attributes:
        message: one sentence.
        hint: advice, or an empty string.
        kind: "io", "malformed", "unsupported", "invalid_argument", "limit_exceeded", "crypto",
            "cancelled" or "internal".
    """

    def __init__(self, message: str, hint: str = "", kind: str = "internal"):
        super().__init__(f"{message} ({hint})" if hint else message)
        self.message, self.hint, self.kind = message, hint, kind


@dataclass(frozen=True)
class SiteZ:
    """What one site of the mark showed: "ffn", "heads" or "output"."""

    site: str
    z: float
    expected_z: float  # of an untouched copy
    weights: int       # that were read


@dataclass(frozen=True)
class GroupZ:
    """z of one layer or expert: "layer 3, expert 1". For information only."""

    name: str
    z: float
    weights: int


@dataclass(frozen=True)
class Detection:
    """The answer of `detect`.

    Attributes:
        verdict: "conclusive", "detected", "undecided" or "not_found".
        finding: the answer as a sentence.
        claim: "theorem" or "conditional"; `conditions` says in words what it rests on.
        reason, next: why the answer is undecided, and what to do about it.
        z: the statistic of the answer; under the null hypothesis it has deviation 1.
        log10_p: of the bound on chance, times `price`, the hypotheses that are paid for.
        expected_z, expected_z_full: of an untouched copy, on the weights read and on all.
    """

    verdict: str
    finding: str
    claim: str
    conditions: list[str]
    reason: str
    next: str
    z: float
    log10_p: float
    price: float
    expected_z: float
    expected_z_full: float
    site: str
    frame: str
    reading: str
    sites: list[SiteZ]
    groups: list[GroupZ]
    shares: list[float]
    controls: list[float]
    weights_read: int
    weights_total: int
    bytes_read: int
    key: str
    seconds: float = field(compare=False)
    notes: list[str] = field(compare=False)

    def __bool__(self) -> bool:
        return self.verdict in ("conclusive", "detected")


@dataclass(frozen=True)
class PartWritten:
    """What `write_part` did.

    Attributes:
        scans: whose sums are in the file.
        faults: scans that could not be read, which `detect` will try.
    """

    scans: int
    bytes_read: int
    bytes_written: int
    faults: list[str]
    seconds: float = field(compare=False)


@dataclass(frozen=True)
class Marked:
    """What `embed` or `embed_` did.

    Attributes:
        record: path of the mark's record, or an empty string.
        strength: relative change of each weight vector that was aimed at.
        z: of the FFN's weights that were read back; reading stops once z reaches 27.5.
        expected_z: of an untouched copy, with all shares and all weights of the FFN.
        relative_change: of the weights that changed, before rounding.
    """

    key: str
    record: str
    strength: float
    shares: int
    expected_z: float
    z: float
    relative_change: float
    sites: list[str]
    weights: int
    skipped_units: int
    bytes_written: int
    seconds: float = field(compare=False)

@dataclass(frozen=True)
class LicenseeZ:
    """One licensee in a trace.

    Attributes:
        z: below 0, the mark of this copy was subtracted from others.
        log10_p: of the bound on chance, times `price`.
        round: in which the id was scored, beside those who were named before; from 1.
        z_ffn, z_output: what z is made of; None where this site was not read.
    """

    id: str
    z: float
    log10_p: float
    verdict: str
    round: int
    price: float
    z_ffn: float | None
    z_output: float | None


@dataclass(frozen=True)
class Trace:
    """The answer of `trace`.

    Attributes:
        verdict: of the first licensee: "conclusive", "detected", "undecided" or "not_found".
        finding: the answer as a sentence.
        claim: "theorem" or "conditional"; `conditions` says in words what it rests on.
        reason: why the answer is undecided.
        licensees: everybody who is named, by increasing p, then others.
        named, tested: how many are named, of how many ids.
        price: the hypotheses that are paid for.
        site: where the answer was read: "ffn", "output" or "both".
        pairs: of the output head, if it was read.
    """

    verdict: str
    finding: str
    claim: str
    conditions: list[str]
    reason: str
    licensees: list[LicenseeZ]
    named: int
    tested: int
    rounds: int
    price: float
    expected_z: float
    site: str
    pairs: int
    frame: str
    reading: str
    weights: int
    key: str
    notes: list[str] = field(compare=False)
    seconds: float = field(compare=False)

    def __bool__(self) -> bool:
        return self.verdict in ("conclusive", "detected")
