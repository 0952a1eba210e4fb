#!/usr/bin/env python3
"""A second implementation of specs/commitment.md with hashlib: commitment_reference.py [PROGRAM].

It recomputes the worked example (tests/vectors/commitment), and what the program commits to and
discloses. `--write` makes the vectors.
"""
import base64
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

VECTORS = TOP / "tests" / "vectors" / "commitment"
PROGRAM = next((pathlib.Path(word) for word in sys.argv[1:] if not word.startswith("--")),
               TOP / "build" / "weightmark")
DOMAIN = b"weightmark/commit/v1"
LABELS = ["share/0", "share/1", "share/2", "share/3", "trace", "signer"]
MASTER, NONCE = bytes(range(32)), bytes(range(32, 64))
BASE, RULES = "11" * 32, "22" * 32
PUBLIC_KEY = TOP / "tests" / "vectors" / "oms" / "p256.pub.pem"


def keyed(key, data):
    return hashlib.blake2b(data, key=key, digest_size=32).digest()


def secret_of(master, label):
    return keyed(master, b"weightmark/ctss-v1/" + label.encode())


def salt_of(master, nonce, label):
    return keyed(master, DOMAIN + b"/salt/" + nonce + label.encode())


def leaf_of(label, salt, secret):
    fields = b"".join(struct.pack("<Q", len(field)) + field
                      for field in (DOMAIN, label.encode(), salt, secret))
    return hashlib.sha256(b"\x00" + fields).digest()


def leaves_of(master, nonce, signer):
    leaves = [leaf_of(label, salt_of(master, nonce, label), secret_of(master, label))
              for label in LABELS[:-1]]
    return leaves + [leaf_of("signer", nonce, signer.encode())]


def split(count):
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def root_of(leaves):
    if len(leaves) == 1:
        return leaves[0]
    at = split(len(leaves))
    return hashlib.sha256(b"\x01" + root_of(leaves[:at]) + root_of(leaves[at:])).digest()


def path_of(leaves, index):
    """From the leaf to the root, as in RFC 6962 2.1.1."""
    if len(leaves) == 1:
        return []
    at = split(len(leaves))
    if index < at:
        return path_of(leaves[:at], index) + [root_of(leaves[at:])]
    return path_of(leaves[at:], index - at) + [root_of(leaves[:at])]


def statement(kind, name, digest, predicate):
    return json.dumps({"_type": "https://in-toto.io/Statement/v1",
                       "subject": [{"name": name, "digest": {"sha256": digest}}],
                       "predicateType": kind, "predicate": predicate})


def example_commitment():
    signer = hashlib.sha256(PUBLIC_KEY.read_bytes()).hexdigest()
    leaves = leaves_of(MASTER, NONCE, signer)
    return statement("urn:weightmark:commitment:v1", "base", BASE, {
        "scheme": "ctss-v1",
        "parameters": {"strength": 0.004, "shares": 2, "sites": ["ffn", "heads"], "width": 576,
                       "weights": 79626240, "labels": "strings"},
        "alpha": 0.001, "lambda": 12, "rules": RULES, "program": "weightmark 0.1.0",
        "key": "wm1vems6kzna5zvqerf3kjugagvhluah247", "nonce": NONCE.hex(), "signer": signer,
        "tree": {"root": root_of(leaves).hex(), "size": 6,
                 "signer_path": [each.hex() for each in path_of(leaves, 5)]},
        "previous": None})


def example_disclosure(commitment):
    signer = json.loads(commitment)["predicate"]["signer"]
    leaves = leaves_of(MASTER, NONCE, signer)
    return statement("urn:weightmark:disclosure:v1", "commitment",
                     hashlib.sha256(commitment.encode()).hexdigest(), {
                         "case": "2026-1", "to": "The court", "label": "share/1",
                         "salt": salt_of(MASTER, NONCE, "share/1").hex(),
                         "secret": secret_of(MASTER, "share/1").hex(),
                         "path": [each.hex() for each in path_of(leaves, 1)]})


def example():
    commitment = example_commitment()
    return {"commitment.json": commitment, "disclosure.json": example_disclosure(commitment)}


def opened(commitment, disclosure):
    """Sentences on what is wrong with a disclosure, by its payloads alone."""
    said, given = json.loads(commitment)["predicate"], json.loads(disclosure)
    problems = []
    if given["subject"][0]["digest"]["sha256"] != hashlib.sha256(commitment).hexdigest():
        problems.append("another commitment")
    given = given["predicate"]
    index = LABELS.index(given["label"])
    value = leaf_of(given["label"], bytes.fromhex(given["salt"]), bytes.fromhex(given["secret"]))
    size, at = said["tree"]["size"], index
    for step in given["path"]:  # RFC 9162 2.1.3.2
        while at % 2 == 0 and at == size - 1 and size > 1:
            at, size = at // 2, (size + 1) // 2
        pair = (bytes.fromhex(step), value) if at % 2 else (value, bytes.fromhex(step))
        value = hashlib.sha256(b"\x01" + b"".join(pair)).digest()
        at, size = at // 2, (size + 1) // 2
    if value.hex() != said["tree"]["root"]:
        problems.append("the path leads to another root")
    return problems


def payload(line):
    return base64.b64decode(json.loads(line)["dsseEnvelope"]["payload"])


def call(folder, *words):
    done = subprocess.run([str(PROGRAM), *map(str, words)], cwd=folder, capture_output=True,
                          text=True, check=False)
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def by_program(folder):
    """What the program writes, recomputed."""
    key = TOP / "tests" / "vectors" / "key" / "plain.key"
    (folder / "owner.key").write_bytes(key.read_bytes())
    (folder / "owner.key").chmod(0o600)
    signer = TOP / "tests" / "vectors" / "oms" / "p256.key.pem"
    subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "model"], check=True,
                   stdout=subprocess.DEVNULL)
    signing = ["--key", "owner.key", "--private-key", signer]
    problems = call(folder, "commit", "model", *signing, "-o", "marks", "--shares", "3")
    problems += call(folder, "disclose", *signing, "--commitment",
                     "marks.commitment.sigstore.json", "--share", "2", "--to", "x", "--case", "y",
                     "-o", "it.jsonl")
    if problems:
        return problems
    disclosure, commitment = map(payload, (folder / "it.jsonl").read_text().splitlines())
    said = json.loads(commitment)["predicate"]
    if root_of(leaves_of(MASTER, bytes.fromhex(said["nonce"]), said["signer"])).hex() != \
            said["tree"]["root"]:
        problems.append("the root is another one")
    rules = hashlib.sha256((TOP / "specs" / "verdicts.md").read_bytes()).hexdigest()
    if said["rules"] != rules:
        problems.append("the digest of the rules is not that of specs/verdicts.md")
    digests = b"".join(hashlib.sha256(path.read_bytes()).digest()
                       for path in sorted((folder / "model").iterdir()))
    if json.loads(commitment)["subject"][0]["digest"]["sha256"] != \
            hashlib.sha256(digests).hexdigest():
        problems.append("the subject is not the root of the base")
    return problems + opened(commitment, disclosure)


def damaged(commitment, disclosure):
    """Changes that must be found."""
    problems = []
    for key in ("salt", "secret", "path"):
        changed = json.loads(disclosure)
        value = changed["predicate"][key]
        changed["predicate"][key] = ("00" * 32 if isinstance(value, str) else value[::-1])
        if not opened(commitment.encode(), json.dumps(changed)):
            problems.append(f"another {key} was taken")
    if not opened(commitment.replace("0.004", "0.005").encode(), disclosure):
        problems.append("another parameter was taken")
    return problems


def main():
    vectors = example()
    if "--write" in sys.argv:
        VECTORS.mkdir(exist_ok=True)
        for name, text in vectors.items():
            (VECTORS / name).write_text(text + "\n")
        return 0
    report = claims.Claims()
    report.check("interop: the worked example of commitments is recomputed with hashlib",
                 [name for name, text in vectors.items()
                  if (VECTORS / name).read_text() != text + "\n"] +
                 opened(vectors["commitment.json"].encode(), vectors["disclosure.json"]))
    report.check("interop: another salt, secret, path or parameter opens nothing",
                 damaged(vectors["commitment.json"], vectors["disclosure.json"]))
    with tempfile.TemporaryDirectory() as folder:
        report.check("interop: a commitment and a disclosure of the program are recomputed",
                     by_program(pathlib.Path(folder)))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
