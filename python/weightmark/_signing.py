"""Signatures: sign a model's files, verify that a model is what was signed."""
from __future__ import annotations

import os
from collections.abc import Sequence

from . import _core
from ._memory import paths_of
from ._progress import teller
from ._signing_values import Reason, Signed, Uncovered, Verification


def sign(model, *, private_key, signature, passphrase: str = "", ignore_paths: Sequence = (),
         replace: bool = False, threads: int = 0, progress=None) -> Signed:
    """Signs all files of the folder or file `model` and writes the bundle `signature`.

    The bundle appears complete or not at all. Keys on tokens, certificates, timestamps and release
    statements: `weightmark sign`.

    Args:
        private_key: path of a PEM file on P-256, P-384 or P-521.
        passphrase: of an encrypted key.
        ignore_paths: files or folders of the model to leave out.
        replace: an existing bundle may be replaced, and no other file.
        progress: True, False, None (a bar on a terminal if tqdm is installed), or a function
            (stage, done, total, are_bytes).

    Raises:
        Error: if a file, link or name cannot be signed, or a file cannot be read or written.
    """
    with teller(progress) as told:
        made = _core.sign(os.fspath(model), os.fspath(private_key), os.fspath(signature),
                          passphrase, paths_of(ignore_paths), replace, threads, told)
    made["uncovered"] = [Uncovered(*each) for each in made["uncovered"]]
    return Signed(**made)


def verify(model, *, signature, public_key, ignore_paths: Sequence = (),
           ignore_unsigned_files: bool = False, allow_uncovered: bool = False,
           allow_symlinks: bool = False, threads: int = 0, progress=None) -> Verification:
    """Is `model` what was signed with the key of `public_key`?

    A *no* is an answer: `bool(verification)` is false, and `reasons` says why. Certificates,
    timestamps and transparency logs: `weightmark verify`.

    Args:
        signature: path of the bundle.
        public_key: path of a PEM file, got from the publisher and not with the model.
        ignore_paths: files or folders of the model that may be unsigned.
        ignore_unsigned_files: report unsigned files without a *no*, except weights files.
        allow_uncovered: accept unsigned weights files too.
        allow_symlinks: follow links inside the model, if the signer did.
        progress: as of `sign`.

    Raises:
        Error: if a file cannot be read, or the bundle is not JSON.
    """
    with teller(progress) as told:
        found = _core.verify(os.fspath(model), os.fspath(signature), os.fspath(public_key),
                             paths_of(ignore_paths), ignore_unsigned_files, allow_uncovered,
                             allow_symlinks, threads, told)
    found["reasons"] = [Reason(*each) for each in found["reasons"]]
    found["uncovered"] = [Uncovered(*each) for each in found["uncovered"]]
    return Verification(**found)
