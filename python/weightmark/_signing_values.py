"""What `sign` and `verify` return."""
from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Uncovered:
    """Files that a signature does not cover. `why`: "ignored", "unsigned" or "bundle"."""

    path: str  # a file, or an ignored folder
    files: int
    bytes: int
    why: str


@dataclass(frozen=True)
class Signed:
    """What `sign` wrote.

    Attributes:
        signature: path of the bundle.
        key: SHA-256 of the public key, by which the bundle names it.
        curve: "P-256", "P-384" or "P-521".
        root: hexadecimal digest of the signed list of files.
    """

    signature: str
    key: str
    curve: str
    root: str
    covered_files: int
    covered_bytes: int
    uncovered: list[Uncovered]
    notes: list[str] = field(compare=False)
    seconds: float = field(compare=False)


@dataclass(frozen=True)
class Reason:
    """Why a model is not what was signed; `path`, inside the model, is untrusted text."""

    code: str  # "file_differs"
    path: str
    text: str


@dataclass(frozen=True)
class Verification:
    """The answer of `verify`.

    Attributes:
        good: the model is what was signed.
        signature_holds: the signature is valid and by the trusted key.
        reasons: none if it is good.
        signed_name: the signer's name of the model; untrusted text.
        signed_files: in the signed list.
        covered_files, covered_bytes: that are there and unchanged.
        ignore_paths: those of the signer.
    """

    good: bool
    signature_holds: bool
    reasons: list[Reason]
    signed_name: str
    root: str
    key: str
    signed_files: int
    covered_files: int
    covered_bytes: int
    uncovered: list[Uncovered]
    ignore_paths: list[str]
    notes: list[str] = field(compare=False)
    seconds: float = field(compare=False)

    def __bool__(self) -> bool:
        return self.good
