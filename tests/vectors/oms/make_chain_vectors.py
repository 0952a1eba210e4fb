#!/usr/bin/env python3
"""Makes the odd chains of this folder: chain-*.crt.pem and by-chain-*.sig.

make_chain_vectors.py. As make_oms_vectors.py, whose functions and leaf.key.pem it uses; the two can
run in any order, for these chains have roots of their own.
"""
import pathlib
import shutil

import make_oms_vectors as oms

HERE = pathlib.Path(__file__).resolve().parent
DEPTH = 12
LEAF = "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n"


def signer(name, issuer, kind):
    """A certificate of the leaf's key."""
    shutil.copy(HERE / "leaf.key.pem", HERE / f"{name}.key.pem")
    oms.certify(name, kind, issuer, subject="Example release")


def ring():
    """Two authorities, each certified by the other, and no root."""
    oms.certify("chain-ring-two", "ca", subject="Example ring two")
    oms.certify("chain-ring-one", "ca", "chain-ring-two", subject="Example ring one")
    oms.certify("chain-ring-two", "ca", "chain-ring-one", subject="Example ring two")
    signer("chain-ring-leaf", "chain-ring-one", "signer")
    oms.bundle("by-chain-ring", ["chain-ring-leaf", "chain-ring-one", "chain-ring-two"])


def authority_as_leaf():
    """A leaf that may certify others, as that of the conformance suite."""
    oms.EXTENSIONS["authority"] = f"basicConstraints=critical,CA:TRUE\n{LEAF}"
    signer("chain-ca-leaf", "chain-root", "authority")
    oms.bundle("by-chain-ca-leaf", ["chain-ca-leaf"])


def deep():
    """More steps between leaf and root than a chain may have."""
    issuer, names = "chain-root", []
    for step in range(DEPTH):
        oms.certify(f"chain-step-{step}", "ca", issuer, subject=f"Example step {step}")
        issuer = f"chain-step-{step}"
        names.insert(0, issuer)
    signer("chain-deep-leaf", issuer, "signer")
    oms.bundle("by-chain-deep", ["chain-deep-leaf", *names])


def main():
    work = HERE / "work"
    work.mkdir(exist_ok=True)
    (work / "ca.cnf").write_text(oms.CONFIG)
    for old in [*HERE.glob("chain-*.pem"), *HERE.glob("by-chain-*.sig")]:
        old.unlink()
    oms.certify("chain-root", "ca", subject="Example chain root")
    ring()
    authority_as_leaf()
    deep()
    # The bundles carry the rest.
    kept = {"chain-root.crt.pem", "chain-ring-one.crt.pem", "chain-ring-two.crt.pem"}
    for path in HERE.glob("chain-*.pem"):
        if path.name not in kept:
            path.unlink()
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
