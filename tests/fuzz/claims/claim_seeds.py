"""Seeds of some targets of this folder, for seeds.py. Not for threads."""
import base64
import json
import pathlib

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors"


def commitments(seeds):
    """Two statements, separated by NUL; and a claim's file, whose signatures are not good."""
    names = ("disclosure.json", "commitment.json")
    texts = [(VECTORS / "commitment" / name).read_bytes().rstrip() for name in names]
    seeds.add("disclosure", b"\0".join(texts))
    signer = json.loads(texts[1])["predicate"]["signer"]
    lines = [json.dumps({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": signer}, "tlogEntries": []},
        "dsseEnvelope": {"payload": base64.b64encode(text).decode(),
                         "payloadType": "application/vnd.in-toto+json",
                         "signatures": [{"sig": "MAA="}]}}) for text in texts]
    for target in ("claims", "disclosure"):
        seeds.add(target, "\n".join(lines).encode())


def registers(seeds):
    """Registers of licensees: with ids, without, with an id twice, with a commitment cut short."""
    def field(number, content):
        return bytes([8 * number + 2, len(content)]) + content

    def register(*licensees, nonce=bytes(32)):
        head = field(1, b"ctss-v1") + field(2, b"wm1" + b"q" * 36) + field(3, nonce)
        return (b"weightmark licensee register, version 1\n" + head +
                b"".join(field(4, each) for each in licensees))

    entries = [field(1, name) + field(2, bytes([place]) * 32)
               for place, name in enumerate((b"ada", "\u00e9".encode()))]
    for content in (register(*entries), register(field(2, bytes(32))), register(),
                    register(entries[0], entries[0]), register(field(1, b"a") + field(2, b"x")),
                    register(*entries, nonce=b"short")):
        seeds.add("register", content)


def parts(seeds):
    sums = b"\x08\x01\x12\x02\x01\xff\x1a\x01\x02\x22\x04\0\1\2\3"
    scan = b"\x3a\x1c\x0a\x01n\x10\x01\x1a\x0f" + sums + b"\x32\x04\0\0\0\0"
    seeds.add("part", b"\x08\x02\x10\x03\"\x20" + b"s" * 32 + b"\x2a\x20" + b"r" * 32 + scan)
