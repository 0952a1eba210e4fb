#!/usr/bin/env python3
"""The reference signer verifies our signatures, and we verify its: oms_interop.py [PROGRAM].

The reference is the PyPI package model-signing (with pyOpenSSL, a dependency that it does not
declare), in a virtual environment in build/. If it cannot be installed, all claims are skipped.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import python_venv  # noqa: E402

PACKAGES = {"model_signing": "model-signing==1.1.1", "OpenSSL": "pyOpenSSL"}
VECTORS = TOP / "tests" / "vectors" / "oms"
PROGRAM = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "weightmark")
METHODS = {"key on P-256": "p256", "key on P-384": "p384", "key on P-521": "p521",
           "certificate": None}


def make_models(folder):
    """{kind: (path of the model, names to ignore)}."""
    files = {"config.json": b"{}\n", "a/b.bin": b"1" * 100_000, "a-b.bin": b"2", "a/c/d/e": b"3",
             "empty": b"", "\u6a21\u578b.bin": b"4", "e\u0301t\u00e9 & (x).txt": b"5",
             ".git/HEAD": b"6", "sub/.git/HEAD": b"7", ".hidden": b"8", "cache/x": b"9",
             "cache/y/z": b"10", "notes.txt": b"11"}
    tree = folder / "tree"
    for name, content in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    single = folder / "single.safetensors"
    single.write_bytes(b"weights" * 1000)
    return {"nested folders and unicode names": (tree, []), "a single file": (single, []),
            "ignored paths": (tree, ["cache", "notes.txt"])}


def call(*arguments):
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True, text=True,
                          check=False)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


class Reference:
    def __init__(self, python):
        program = pathlib.Path(__file__).with_name("oms_reference.py")
        self.process = subprocess.Popen([python, program], text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def call(self, *arguments):
        request = json.dumps([str(argument) for argument in arguments])
        print(request, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def sign(self, model, bundle, key, ignored):
        how = ["key"] if key else ["certificate"]
        words = ["--signature", bundle, "--private_key", VECTORS / f"{key or 'leaf'}.key.pem"]
        if not key:
            words += ["--signing_certificate", VECTORS / "leaf.crt.pem",
                      "--certificate_chain", VECTORS / "between.crt.pem"]
        return self.call("sign", *how, model, *words, *self.ignoring(model, ignored))

    def verify(self, model, bundle, key, ignored):
        how = (["key", model, "--public_key", VECTORS / f"{key}.pub.pem"] if key else
               ["certificate", model, "--certificate_chain", VECTORS / "root.crt.pem"])
        return self.call("verify", *how, "--signature", bundle)

    @staticmethod
    def ignoring(model, ignored):
        return [word for name in ignored for word in ("--ignore-paths", model / name)]


class Ours:
    @staticmethod
    def sign(model, bundle, key, ignored):
        words = ["--signature", bundle, "--private-key", VECTORS / f"{key or 'leaf'}.key.pem"]
        if not key:
            words += ["--signing-certificate", VECTORS / "leaf.crt.pem",
                      "--certificate-chain", VECTORS / "between.crt.pem"]
        words += [word for name in ignored for word in ("--ignore-paths", name)]
        return call(PROGRAM, "sign", model, *words)

    @staticmethod
    def verify(model, bundle, key, ignored):
        trust = (["--public-key", VECTORS / f"{key}.pub.pem"] if key else
                 ["--certificate-chain", VECTORS / "root.crt.pem"])
        return call(PROGRAM, "verify", model, "--signature", bundle, *trust)


def changed(model):
    """A copy of the model with one more byte in one file."""
    copy = model.parent / f"changed-{model.name}"
    if model.is_dir():
        shutil.copytree(model, copy)
        target = copy / "a" / "b.bin"
    else:
        shutil.copy(model, copy)
        target = copy
    target.write_bytes(target.read_bytes() + b"!")
    return copy


def problems(signer, verifier, model, key, ignored):
    bundle = model.parent / "it.sig"
    bundle.unlink(missing_ok=True)
    signed, output = signer.sign(model, bundle, key, ignored)
    if not signed:
        return [f"not signed: {output}"]
    good, output = verifier.verify(model, bundle, key, ignored)
    out = [] if good else [f"not verified: {output}"]
    other = changed(model)
    accepted, _ = verifier.verify(other, bundle, key, ignored)
    shutil.rmtree(other) if other.is_dir() else other.unlink()
    return out + (["a changed model verified"] if accepted else [])


def main():
    report = claims.Claims()
    python = python_venv.with_modules(PACKAGES, "oms")
    reference = Reference(python) if python else None
    with tempfile.TemporaryDirectory() as folder:
        for kind, (model, ignored) in make_models(pathlib.Path(folder)).items():
            for method, key in METHODS.items():
                claim = f"interop: OpenSSF Model Signing both ways: {kind}, {method}"
                if reference is None:
                    report.skip(claim, "the reference signer cannot be installed")
                    continue
                report.check(claim, problems(Ours, reference, model, key, ignored)
                             + problems(reference, Ours, model, key, ignored))
    if reference:
        reference.close()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
