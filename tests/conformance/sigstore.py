#!/usr/bin/env python3
"""Runs the verifications of sigstore-conformance on the program, offline.

Its vectors (github.com/sigstore/sigstore-conformance, the folder test/assets/bundle-verify) are
expected in ../shared/conformance/bundle-verify next to the source tree, or in
$WMK_SIGSTORE_CONFORMANCE; otherwise the claim is skipped. As in its own runner, each case is asked
with the artifact and with the artifact's digest, and a name that ends in _fail means a no.
"""
import hashlib
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import sigstore_root  # noqa: E402

CLAIM = "conformance: all offline verifications of sigstore-conformance are answered right"
CASES = 70
PROGRAM = os.environ.get("WEIGHTMARK", str(TOP / "build" / "weightmark"))
ISSUER = "https://token.actions.githubusercontent.com"
IDENTITY = ("https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"
            ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main")


def signer(case):
    if (case / "key.pub").exists():
        return ["--public-key", case / "key.pub"]

    def expected(name, default):
        return (case / name).read_text().strip() if (case / name).exists() else default
    return ["--certificate-identity", expected("identity", IDENTITY),
            "--certificate-oidc-issuer", expected("issuer", ISSUER)]


def ask(case, artifact, root):
    done = subprocess.run(
        [PROGRAM, "verify", artifact, "--artifact", "--signature", case / "bundle.sigstore.json",
         "--trusted-root", root, *signer(case)], capture_output=True, text=True, check=False)
    wanted = (1, 2) if case.name.endswith("_fail") else (0,)
    if done.returncode in wanted:
        return []
    return [f"{case.name}: exit code {done.returncode}: {(done.stdout + done.stderr).strip()}"]


def main():
    report = claims.Claims()
    default = TOP.parent / "shared" / "conformance" / "bundle-verify"
    folder = pathlib.Path(os.environ.get("WMK_SIGSTORE_CONFORMANCE", default))
    public_root = sigstore_root.find()
    if not folder.is_dir() or public_root is None:
        report.skip(CLAIM, sigstore_root.MISSING if folder.is_dir()
                    else "its vectors were not found (set WMK_SIGSTORE_CONFORMANCE)")
        return report.finish()
    cases = sorted(path for path in folder.iterdir() if path.is_dir())
    faults = [] if len(cases) >= CASES else [f"only {len(cases)} cases"]
    for case in cases:
        own = case / "artifact"
        artifact = own if own.exists() else folder / "a.txt"
        digest = hashlib.sha256(artifact.read_bytes()).hexdigest()
        root = case / "trusted_root.json"
        for given in (artifact, f"sha256:{digest}"):
            faults += ask(case, given, root if root.exists() else public_root)
    print(f"{len(cases)} cases")
    report.check(CLAIM, faults)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
