"""The texts whose logits are collected: pieces of files, or made from a seed.

Which texts do not matter, but that they were fixed beforehand does: the same files or the same seed
give the same pieces, and digest() is what to publish before collecting.
"""
import hashlib
import pathlib

from .failure import Failure, shown

PIECE = 600  # characters
CONSONANTS, VOWELS = "bcdfghklmnprstvw", "aeio"
SYLLABLES = [c + v for c in CONSONANTS for v in VOWELS]  # 64
FILE_BYTES_MAX = 64 << 20


def from_seed(seed, count):
    """`count` pieces of made-up words: each byte of SHA-256(seed, counter) is a syllable, and ends
    a word where its two highest bits are zero."""
    def piece(number):
        out, counter = "", 0
        while len(out) < PIECE:
            for byte in hashlib.sha256(f"{seed}\n{number}\n{counter}".encode()).digest():
                out += SYLLABLES[byte & 63] + ("" if byte >> 6 else " ")
            counter += 1
        return out[:PIECE]
    return [piece(number) for number in range(count)]


def from_files(paths, count):
    """The first `count` pieces of the files, one after another. Text must be UTF-8."""
    text = ""
    for path in map(pathlib.Path, paths):
        try:
            with open(path, encoding="utf-8") as file:
                text += file.read(FILE_BYTES_MAX)
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"{shown(str(path))}: {shown(str(error))}") from error
    return from_text(text, count)


def from_text(text, count):
    """Its first `count` pieces."""
    if len(text) < count * PIECE:
        raise Failure(f"the texts have {len(text)} characters; {count * PIECE} are needed",
                      "more texts, fewer rows, or a seed")
    return [text[i * PIECE:(i + 1) * PIECE] for i in range(count)]


def count_of(rows, each):
    """How many pieces give `rows` rows, `each` of them a piece."""
    return -(-rows // each)


def still_wanted(done, rows, each):
    """(number of a piece, which of its ends) for all pieces with rows that are not `done`."""
    for number in range(done // each, count_of(rows, each)):
        yield number, range(max(0, done - number * each), min(each, rows - number * each))


def digest(pieces):
    """SHA-256 over the pieces, each behind its length in bytes (8 bytes, little-endian)."""
    out = hashlib.sha256()
    for piece in pieces:
        data = piece.encode()
        out.update(len(data).to_bytes(8, "little") + data)
    return out.hexdigest()


def ends(length, count):
    """Where the prefixes of a piece end whose next token is asked for: evenly, the last at its
    end."""
    return [(j + 1) * length // count for j in range(count)]
