"""Seeds of formats of training. Not for threads."""
import io
import pathlib
import struct
import zipfile

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


def megatron(seeds):
    """A tensor, and options beside it."""
    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    storage = (b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
               + b"K\x06tQ")
    tensor = (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage
              + b"K\x00K\x03K\x02\x86K\x02K\x01\x86\x89}tR")
    options = (b"cargparse\nNamespace\n)\x81}(" + text("position")
               + b"cmegatron.core.enums\nPosition\nK\x01\x85Rub")
    pickle = (b"\x80\x02}(" + text("args") + options + text("model") + b"}"
              + text("output_layer.weight") + tensor + b"su.")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", pickle)
        archive.writestr("archive/data/0", bytes(24))
    seeds.add("megatron", file.getvalue())
