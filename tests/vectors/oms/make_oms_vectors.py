#!/usr/bin/env python3
"""Makes the keys, certificates, bundles and timestamps of this folder, with `openssl` alone.

make_oms_vectors.py [FOLDER]. Needs `faketime` (Debian package): certificates that have run out, and
timestamps from when they had not. Every run makes other keys; the tests fit any of them. The clock
stands at 2020-06-15 while the authorities of time answer. All bundles are of the model of
specs/signing.md 8, FILES.
"""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
HERE = HERE.parent if HERE.is_file() else HERE
LONG, PAST, FUTURE = ("20190101", "21190101"), ("20200601", "20200701"), ("21000101", "21010101")
FILES = {"signme-1": b"signme-1\n", "signme-2": b"signme-2"}
CURVES = {"p256": ("P-256", "sha256"), "p384": ("P-384", "sha384"), "p521": ("P-521", "sha512")}
CONFIG = """
[ca]
default_ca = it
[it]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
x509_extensions = v3
copy_extensions = none
[any]
commonName = supplied
[tsa]
default_tsa = t
[t]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
"""
EXTENSIONS = {
    "ca": "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n",
    "signer": "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n"
              "subjectAltName=email:release@example.org,URI:https://example.org/models\n",
    "usage": "keyUsage=critical,keyAgreement\n",
    "web": "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
           "subjectAltName=DNS:www.example.org\n",
    "tsa": "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n",
    "lax-tsa": "keyUsage=critical,digitalSignature\nextendedKeyUsage=timeStamping\n",
}


def openssl(*words, clock=None, data=None):
    command = (["faketime", clock] if clock else []) + ["openssl", *map(str, words)]
    done = subprocess.run(command, input=data, capture_output=True, cwd=HERE / "work", check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    return done.stdout


def new_key(name, curve="P-256"):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out",
            HERE / f"{name}.key.pem")


def certify(name, kind, issuer=None, valid=LONG, subject=None):
    """name.crt.pem over name.key.pem, by `issuer` or by itself."""
    work, own = HERE / "work", HERE / f"{name}.key.pem"
    if not own.exists():
        new_key(name)
    (work / "ext.cnf").write_text(EXTENSIONS[kind])
    (work / "index.txt").write_text("")
    openssl("req", "-new", "-key", own, "-subj", f"/CN={subject or name}", "-out", "it.csr")
    by = (["-selfsign", "-keyfile", own] if issuer is None else
          ["-cert", HERE / f"{issuer}.crt.pem", "-keyfile", HERE / f"{issuer}.key.pem"])
    openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-in", "it.csr", *by,
            "-startdate", valid[0] + "000000Z", "-enddate", valid[1] + "000000Z",
            "-extfile", "ext.cnf", "-out", HERE / f"{name}.crt.pem", clock="2019-06-15 12:00:00")


def statement():
    files = [(name, hashlib.sha256(content)) for name, content in FILES.items()]
    root = hashlib.sha256(b"".join(digest.digest() for _, digest in files)).hexdigest()
    resources = [{"name": name, "algorithm": "sha256", "digest": digest.hexdigest()}
                 for name, digest in files]
    how = {"method": "files", "hash_type": "sha256", "allow_symlinks": False}
    return {"_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "simple", "digest": {"sha256": root}}],
            "predicateType": "https://model_signing/signature/v1.0",
            "predicate": {"resources": resources, "serialization": how}}


def signature_by(key, message, digest="sha256"):
    (HERE / "work" / "message").write_bytes(message)
    return openssl("dgst", f"-{digest}", "-sign", HERE / f"{key}.key.pem", "message")


def der(name):
    return openssl("x509", "-in", HERE / f"{name}.crt.pem", "-outform", "DER")


def timestamp(authority, issuer, data):
    """The authority's answer about `data`, in June 2020."""
    (HERE / "work" / "data").write_bytes(data)
    openssl("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q.tsq")
    openssl("ts", "-reply", "-config", "ca.cnf", "-queryfile", "q.tsq",
            "-signer", HERE / f"{authority}.crt.pem", "-inkey", HERE / f"{authority}.key.pem",
            "-chain", HERE / f"{issuer}.crt.pem", "-out", "r.tsr", clock="2020-06-15 12:00:00")
    return (HERE / "work" / "r.tsr").read_bytes()


def remade_timestamp(authority, data):
    """As timestamp(), but `openssl ts` would not use every certificate; `openssl cms` does."""
    timestamp("tsa", "tsa-root", data)
    openssl("ts", "-reply", "-in", "r.tsr", "-token_out", "-out", "token")
    openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "told")
    token = openssl("cms", "-sign", "-nodetach", "-binary", "-cades", "-outform", "DER",
                    "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", "told", "-signer",
                    HERE / f"{authority}.crt.pem", "-inkey", HERE / f"{authority}.key.pem",
                    clock="2020-06-15 12:00:00")
    granted = bytes.fromhex("3003020100")
    return b"\x30\x82" + (len(granted) + len(token)).to_bytes(2, "big") + granted + token


def bundle(name, chain, stamps=()):
    """A bundle by the leaf chain[0]; `stamps`: functions signature -> response."""
    payload = json.dumps(statement()).encode()
    kind = "application/vnd.in-toto+json"
    signature = signature_by(chain[0], f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode()
                             + payload)
    text = lambda data: base64.b64encode(data).decode()
    material = {"x509CertificateChain": {"certificates": [{"rawBytes": text(der(each))}
                                                          for each in chain]}}
    if stamps:
        material["timestampVerificationData"] = {"rfc3161Timestamps": [
            {"signedTimestamp": text(stamp(signature))} for stamp in stamps]}
    whole = {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
             "verificationMaterial": material,
             "dsseEnvelope": {"payload": text(payload), "payloadType": kind,
                              "signatures": [{"sig": text(signature)}]}}
    (HERE / f"{name}.sig").write_text(json.dumps(whole) + "\n")


def make_keys():
    for name, (curve, _) in CURVES.items():
        new_key(name, curve)
        openssl("pkey", "-in", HERE / f"{name}.key.pem", "-pubout",
                "-out", HERE / f"{name}.pub.pem")
    openssl("pkey", "-in", HERE / "p256.key.pem", "-aes256", "-passout", "pass:correct horse",
            "-out", HERE / "sealed.key.pem")
    for name, options in {"rsa": ("RSA", "rsa_keygen_bits:2048"),
                          "secp256k1": ("EC", "ec_paramgen_curve:secp256k1"),
                          "brainpool": ("EC", "ec_paramgen_curve:brainpoolP256r1"),
                          "ed25519": ("ED25519", None)}.items():
        extra = ["-pkeyopt", options[1]] if options[1] else []
        openssl("genpkey", "-algorithm", options[0], *extra, "-out", "other.pem")
        openssl("pkey", "-in", "other.pem", "-pubout", "-out", HERE / f"{name}.pub.pem")


def make_certificates():
    certify("root", "ca", subject="Example root")
    certify("between", "ca", "root", subject="Example issuing")
    certify("stranger-root", "ca", subject="Example root")
    certify("leaf", "signer", "between", subject="Example release")
    certify("past", "signer", "between", PAST, "Example release")
    certify("future", "signer", "between", FUTURE, "Example release")
    certify("usage", "usage", "between")
    certify("web", "web", "between", subject="www.example.org")
    certify("tsa-root", "ca", subject="Example time root")
    certify("tsa", "tsa", "tsa-root", subject="Example time")
    certify("tsa-two", "tsa", "tsa-root", subject="Example time two")
    certify("lax-tsa", "lax-tsa", "tsa-root", subject="Example lax time")
    certify("forger-root", "ca", subject="Example time root")
    certify("forger", "tsa", "forger-root", subject="Example time")


def make_bundles():
    chain = ["leaf", "between"]
    by = lambda authority, issuer="tsa-root": lambda data: timestamp(authority, issuer, data)
    bundle("by-leaf", chain)
    bundle("by-leaf-mixed", ["leaf", "root", "between"])
    bundle("by-leaf-alone", ["leaf"])
    bundle("by-usage", ["usage", "between"])
    bundle("by-web", ["web", "between"])
    bundle("by-future", ["future", "between"])
    past = ["past", "between"]
    bundle("by-past", past)
    bundle("by-past-stamped", past, [by("tsa")])
    bundle("by-past-twice", past, [by("tsa"), by("tsa-two")])
    bundle("by-past-same", past, [by("tsa"), by("tsa")])
    bundle("by-past-forged", past, [by("forger", "forger-root")])
    bundle("by-past-lax", past, [lambda data: remade_timestamp("lax-tsa", data)])
    bundle("by-past-remade", past, [lambda data: remade_timestamp("tsa", data)])
    payload = json.dumps(statement()).encode()
    bundle("by-past-payload", past, [lambda _: timestamp("tsa", "tsa-root", payload)])


def main():
    (HERE / "work").mkdir(exist_ok=True)
    (HERE / "work" / "ca.cnf").write_text(CONFIG)
    (HERE / "work" / "serial").write_text("01\n")
    for old in [*HERE.glob("*.pem"), *HERE.glob("*.sig")]:
        if "chain-" not in old.name:  # of make_chain_vectors.py
            old.unlink()
    make_keys()
    make_certificates()
    make_bundles()
    for name in ("root", "between", "stranger-root", "tsa-root", "forger-root", "tsa-two", "tsa",
                 "lax-tsa", "forger", "usage", "web", "past", "future"):
        (HERE / f"{name}.key.pem").unlink()
    for path in (HERE / "work").iterdir():
        path.unlink()
    (HERE / "work").rmdir()


if __name__ == "__main__":
    main()
