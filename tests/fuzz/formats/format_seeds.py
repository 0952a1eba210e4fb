"""Seeds of formats of training. Not for threads."""
import pathlib

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors"


def mindspore(seeds):
    """A tensor in one entry and one in two; a value that is no tensor; a checksum."""
    def field(key, content):
        return bytes([key << 3 | 2, len(content)]) + content

    def entry(name, kind, content):
        tensor = b"\x08\x02\x08\x03" + field(2, kind) + field(3, content)
        return field(1, field(1, name) + field(2, tensor))

    seeds.add("mindspore", entry(b"a", b"BFloat16", bytes(12)) + entry(b"b", b"Float32", bytes(8))
              + entry(b"b", b"Float32", bytes(16)) + entry(b"c", b"str", b"text")
              + b"crc_num" + bytes(10))


def distributed(seeds):
    seeds.add("distributed", (VECTORS / "distributed" / "metadata.pickle").read_bytes())
