#!/usr/bin/env python3
"""Logs, proofs and cosignatures against two other implementations of C2SP.

tlog_interop.py [PROGRAM]. tlog-scales writes and reads tile logs; proofbundle writes and reads
checkpoints, cosignatures and .tlog-proof files. Each reads what the other wrote, and refuses it
with one changed byte. Skipped if they cannot be installed.
"""
import json
import os
import pathlib
import shutil
import string
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402
import python_venv  # noqa: E402

PROGRAM = pathlib.Path([*sys.argv, TOP / "build" / "weightmark"][1]).resolve()
MODULES = {"tlog_scales": "tlog-scales", "proofbundle": "proofbundle"}
SIZES = [1, 255, 1, 44, 300, 700]  # batches
BASE64 = (string.ascii_letters[26:] + string.ascii_lowercase + string.digits + "+/").encode()
ORIGIN, WITNESS, SEED = "example.org/interop", "w.example/1", bytes(range(32))


def log(folder, *words, code=0):
    done = subprocess.run([PROGRAM, "log", *map(str, words)], cwd=folder, capture_output=True,
                          text=True, check=False)
    if code is not None and done.returncode != code:
        raise RuntimeError(f"{words}: {done.returncode}: {done.stdout}{done.stderr}")
    return done


def answer(folder, *words, code=0):
    return json.loads(log(folder, *words, "--json", code=code).stdout)


def entries(first, count):
    return [f"entry {number}".encode() for number in range(first, first + count)]


class Ours:
    """A log, a witness and a policy made by weightmark."""

    def __init__(self, folder):
        self.folder = folder
        self.vkey = answer(folder, "keygen", "log.key", "--name", ORIGIN)["log_vkey"]
        self.witness = answer(folder, "keygen", "w.key", "--name", WITNESS)["witness_vkey"]
        log(folder, "init", "ours", "--log-key", "log.key")
        self.size = 0
        for count in SIZES:
            self.append(count)
        (folder / "policy").write_text(
            f"log {self.vkey}\nwitness w {self.witness}\nquorum w\n", encoding="utf-8")
        log(folder, "witness-request", "ours", "-o", "request")
        log(folder, "cosign", "request", "--witness-key", "w.key", "--state", "state", "--vkey",
            self.vkey, "-o", "answer")
        log(folder, "attach", "ours", "answer", "--policy", "policy")

    def append(self, count):
        lines = b"\n".join(entries(self.size, count)) + b"\n"
        (self.folder / "lines").write_bytes(lines)
        log(self.folder, "append", "ours", "--lines", "lines", "--log-key", "log.key")
        self.size += count


def changed_bytes(text, step):
    """The text with one byte changed, at every `step`-th place."""
    for at in range(0, len(text), step):
        yield at, text[:at] + bytes([text[at] ^ 1]) + text[at + 1:]


def is_unused_bit(text, at):
    """Whether a change at this place is in bits that base64 does not use: Python ignores them."""
    before, after = (BASE64.find(code) for code in (text[at], text[at] ^ 1))
    unused = 2 * len(text[at + 1:].split(b"\n")[0]) if text[at + 1:at + 2] == b"=" else 0
    return min(before, after) >= 0 and before >> unused == after >> unused


def read_by_tlog_scales(ours):
    from tlog_scales import backend, reader, signing, tiles
    theirs = reader.TilesReader(backend.LocalBackend(ours.folder / "ours"))
    checkpoint = theirs.get_checkpoint()
    checkpoint.verify(signing.Vkey.from_string(ours.vkey))
    valid = signing.VkeySet(signing.Vkey.from_string(ours.witness)).verify(
        checkpoint.signatures, checkpoint)
    if len(valid) != 1 or checkpoint.size != ours.size:
        return ["the checkpoint differs, or has no valid cosignature"]
    problems = []
    if theirs.calculate_root_hash() != checkpoint.root_hash:
        problems.append("another root")
    for index in (0, 255, 256, ours.size - 1):
        if theirs.get_entry(index) != f"entry {index}".encode():
            problems.append(f"another entry {index}")
        leaf = tiles.leaf_hash(theirs.get_entry(index))
        theirs.get_inclusion_proof(index, ours.size).check(leaf, checkpoint.root_hash)
    return problems


def same_proofs(ours):
    """Our proof and request have the hashes that tlog-scales computes from the tiles."""
    from tlog_scales import backend, reader, utils
    theirs = reader.TilesReader(backend.LocalBackend(ours.folder / "ours"))
    theirs.get_checkpoint()
    problems = []
    for index in (0, 300, ours.size - 1):
        log(ours.folder, "prove", "ours", "--index", index, "-o", "p", "--force")
        text = (ours.folder / "p").read_text(encoding="utf-8").split("\n\n")[0].split("\n")
        wanted = [utils.b64enc(node) for node in
                  theirs.get_inclusion_proof(index, ours.size).node_hashes]
        if text[2:] != wanted:
            problems.append(f"inclusion of {index}")
    for old in (1, 256, 301, ours.size):
        log(ours.folder, "witness-request", "ours", "--old", old, "-o", "r", "--force")
        text = (ours.folder / "r").read_text(encoding="utf-8").split("\n\n")[0].split("\n")
        wanted = [utils.b64enc(node) for node in
                  theirs.get_consistency_proof(old, ours.size).node_hashes]
        if text[1:] != wanted:
            problems.append(f"consistency from {old}")
    return problems


def written_by_tlog_scales(folder):
    """`log verify` accepts a log of tlog-scales, and our appender gives the same tiles."""
    from tlog_scales import signing, writer
    signer = signing.PlainEd25519Signer(ORIGIN, SEED)
    theirs = writer.TilesWriter.create(folder / "theirs", ORIGIN)
    size = 0
    for count in SIZES:
        for entry in entries(size, count):
            theirs.add_leaf(entry)
        theirs.commit([signer])
        size += count
    vkey = signer.vkey.serialize()
    found = answer(folder, "verify", "theirs", "--vkey", vkey)
    problems = [] if found["size"] == size else ["another size"]
    tiles = [path for path in (folder / "ours" / "tile").rglob("*") if path.is_file()]
    for path in tiles:
        other = folder / "theirs" / path.relative_to(folder / "ours")
        # tlog-scales writes a partial tile of a level beside one of the same batch under it.
        if other.exists() and other.read_bytes() != path.read_bytes():
            problems.append(f"{path.name} differs")
        if ".p/" not in str(path) and not other.exists():
            problems.append(f"{path.name} is missing")
    copy = folder / "changed"
    for name in ("tile/0/001", "tile/entries/002", "tile/1/000.p/5"):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder / "theirs", copy)
        data = bytearray((copy / name).read_bytes())
        data[7] ^= 1
        (copy / name).write_bytes(data)
        if answer(folder, "verify", "changed", "--vkey", vkey, code=1)["verdict"] != "bad":
            problems.append(f"{name} with a changed byte is good")
    return problems


def proofs_read_by_proofbundle(ours):
    from proofbundle import tlogproof
    problems = []
    for index in (0, 256, ours.size - 1):
        log(ours.folder, "prove", "ours", "--index", index, "-o", f"{index}.tlog-proof")
        text = (ours.folder / f"{index}.tlog-proof").read_bytes()
        entry = f"entry {index}".encode()

        def holds(data, entry=entry):
            try:
                proof = data.decode()
            except UnicodeDecodeError:
                return False
            return tlogproof.verify_tlog_proof(proof, entry, ours.vkey, [ours.witness],
                                               threshold=1)["ok"]
        if not holds(text):
            problems.append(f"the proof of {index} is refused")
        for at, changed in changed_bytes(text, 7):
            if is_unused_bit(text, at):  # proofbundle takes it for the same base64, we do not
                (ours.folder / "changed.tlog-proof").write_bytes(changed)
                (ours.folder / "entry").write_bytes(entry)
                log(ours.folder, "check", "changed.tlog-proof", "--entry", "entry", "--policy",
                    "policy", code=2)
            elif holds(changed):
                problems.append(f"byte {at} of the proof of {index} can be changed")
    return problems


def proofs_written_by_proofbundle(folder):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from proofbundle import checkpoint, tlogproof
    from tlog_scales import backend, reader
    tree = reader.TilesReader(backend.LocalBackend(folder / "ours"))
    size = tree.get_checkpoint().size
    key, witness = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
    points = [each.public_key().public_bytes_raw() for each in (key, witness)]
    note = checkpoint.sign_checkpoint(ORIGIN, size, tree.calculate_root_hash(), key, ORIGIN)
    note = checkpoint.cosign_checkpoint(note, witness, WITNESS, 1800000000)
    text = tlogproof.format_tlog_proof(300, tree.get_inclusion_proof(300, size).node_hashes, note,
                                       extra=b"extra").encode()
    (folder / "theirs.policy").write_text(
        f"log {checkpoint.vkey(ORIGIN, points[0])}\n"
        f"witness w {checkpoint.cosign_vkey(WITNESS, points[1])}\nquorum w\n", encoding="utf-8")
    (folder / "entry").write_bytes(b"entry 300")
    check = ("check", "theirs.tlog-proof", "--entry", "entry", "--policy", "theirs.policy")
    (folder / "theirs.tlog-proof").write_bytes(text)
    found = answer(folder, *check)
    problems = [] if found["witnesses"] == [{"name": "w", "time": 1800000000}] else ["no witness"]
    untrusted = range(text.index(b"extra "), text.index(b"index "))
    for at, changed in changed_bytes(text, 29):
        (folder / "theirs.tlog-proof").write_bytes(changed)
        if log(folder, *check, code=None).returncode == 0 and at not in untrusted:
            problems.append(f"byte {at} can be changed")
    return problems


def main():
    report = claims.Claims()
    python = python_venv.with_modules(MODULES, "tlog")
    if python is None:
        print("skip - logs against tlog-scales and proofbundle: they cannot be installed")
        sys.exit(report.finish())
    if pathlib.Path(sys.executable) != python:
        os.execv(python, [str(python), __file__, str(PROGRAM)])
    with tempfile.TemporaryDirectory(prefix="weightmark-tlog-") as name:
        folder = pathlib.Path(name)
        ours = Ours(folder)
        report.check("tlog-scales reads our log and its cosignature", read_by_tlog_scales(ours))
        report.check("our proofs have the hashes of tlog-scales", same_proofs(ours))
        report.check("we verify a log of tlog-scales, and no changed byte of its tiles",
                     written_by_tlog_scales(folder))
        report.check("proofbundle checks our proofs, and no changed byte of them",
                     proofs_read_by_proofbundle(ours))
        report.check("we check a proof of proofbundle, and no changed byte of it",
                     proofs_written_by_proofbundle(folder))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
