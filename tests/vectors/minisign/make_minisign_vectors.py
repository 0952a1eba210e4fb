#!/usr/bin/env python3
"""Makes the files of this folder: make_minisign_vectors.py [FOLDER]. Needs `minisign` (Debian).

open.key (made with -W), key.pub and message.minisig are minisign's own. It spends 1 GiB of memory
on every passphrase, so sealed.key is open.key under "correct horse" at the least cost that minisign
reads; that it does is checked by letting it sign with both: Ed25519 gives the same signature twice.
Every run makes another key; the tests fit any of them.
"""
import base64
import hashlib
import os
import pathlib
import struct
import subprocess
import sys

HERE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
HERE = HERE.parent if HERE.is_file() else HERE
HIDDEN_AT, CHECKSUM_AT = 54, 126
OPSLIMIT, MEMLIMIT = 1 << 15, 1 << 24  # scrypt with N = 1024, r = 8, p = 1


def minisign(*words, **more):
    subprocess.run(["minisign", *words], cwd=HERE, check=True, capture_output=True, **more)


def sealed(content, passphrase):
    """The 158 bytes of an open key -> those of the same key under a passphrase."""
    salt = os.urandom(32)
    cover = hashlib.scrypt(passphrase, salt=salt, n=1024, r=8, p=1, dklen=104)
    pair = content[HIDDEN_AT:CHECKSUM_AT]
    hidden = pair + hashlib.blake2b(b"Ed" + pair, digest_size=32).digest()
    return (b"EdScB2" + salt + struct.pack("<QQ", OPSLIMIT, MEMLIMIT)
            + bytes(a ^ b for a, b in zip(hidden, cover)))


def sign(key):
    """-l signs the message itself instead of its digest."""
    minisign("-S", "-l", "-s", key, "-m", "message", "-x", "message.minisig", "-t", "of the tests",
             input=b"correct horse\n")
    return (HERE / "message.minisig").read_text()


def main():
    (HERE / "message").write_text("what minisign signed\n")
    minisign("-G", "-f", "-W", "-p", "key.pub", "-s", "open.key")
    comment, line = (HERE / "open.key").read_text().splitlines()
    content = sealed(base64.b64decode(line), b"correct horse")
    (HERE / "sealed.key").write_text(f"{comment}\n{base64.b64encode(content).decode()}\n")
    (HERE / "sealed.key").chmod(0o600)
    if sign("sealed.key") != sign("open.key"):
        sys.exit("minisign reads another key from sealed.key")
    minisign("-V", "-p", "key.pub", "-m", "message", "-x", "message.minisig")


if __name__ == "__main__":
    main()
