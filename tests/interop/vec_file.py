"""Reads the .vec files of tests/vectors (format: tests/vectors/README.md). Not thread-safe."""
import dataclasses
import re
import struct

PIECE = re.compile(rb"%\((?:(\d+)\*(%\([0-9A-F]{2}\)|[^)]*)|([0-9A-F]{2}))\)")


def expanded(text):
    """The bytes that a value describes."""
    def piece(match):
        if match[3]:
            return bytes.fromhex(match[3].decode())
        return PIECE.sub(piece, match[2]) * int(match[1])
    return PIECE.sub(piece, text.encode())


@dataclasses.dataclass
class Vector:
    name: str
    values: dict

    def text(self, key, otherwise=None):
        return self.values.get(key, otherwise)

    def weights_file(self):
        """The bytes of a vector in tests/vectors/safetensors."""
        if "file" in self.values:
            return expanded(self.values["file"])
        header, data = expanded(self.values["header"]), self.values.get("data", "0")
        length = int(self.values.get("length", len(header)))
        if data.startswith("hex:"):
            data = bytes.fromhex(data[4:])
        else:
            data = bytes(i % 256 for i in range(int(data)))
        return struct.pack("<Q", length) + header + data


def read(path):
    vectors = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            vectors.append(Vector(line[1:-1], {}))
        elif line and not line.startswith("#"):
            key, value = line.split(":", 1)
            vectors[-1].values[key] = value.strip()
    return vectors
