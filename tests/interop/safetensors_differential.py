#!/usr/bin/env python3
"""Checks that the reference reader gives the results in tests/vectors/safetensors.

If a vector has no result for the reference, the reference must accept what weightmark accepts and
refuse what it refuses, for the same reason. Needs the Python package safetensors (0.8 or later);
otherwise skipped.
"""
import pathlib
import sys

import vec_file

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

CLAIM = "interop: the reference reader gives the results in the safetensors corpus"
# Messages of the reference for each kind of failure. DuplicateKey, UnknownField and InvalidName are
# specific to weightmark.
WORDS = {
    "HeaderTooSmall": "header too small",
    "HeaderTooLarge": "header too large",
    "InvalidHeaderLength": "invalid header length",
    "InvalidHeader": "invalid UTF-8 in header",
    "InvalidHeaderDeserialization": "invalid JSON in header",
    "InvalidOffset": "invalid offset for tensor",
    "ValidationOverflow": "overflow computing buffer size",
    "MisalignedSlice": "does not end up at a byte boundary",
    "TensorInvalidInfo": "invalid shape, data type, or offset",
    "MetadataIncompleteBuffer": "incomplete metadata, file not fully covered",
}


def reference_answer(safetensors, content):
    """'accept', or its error message."""
    try:
        safetensors.deserialize(content)
    except safetensors.SafetensorError as error:
        return str(error)
    return "accept"


def problem(vector, answer):
    expect = vector.text("expect")
    wanted = vector.text("reference", "accept" if expect == "accept" else "reject")
    if (answer == "accept") != (wanted == "accept"):
        return f"{vector.name}: the corpus says {wanted}, the reference {answer}"
    if expect == "accept" or answer == "accept" or expect not in WORDS:
        return None
    # Reasons are compared only if the vector states no separate result for the reference.
    if "reference" not in vector.values and WORDS[expect] not in answer:
        return f"{vector.name}: {expect} expected, the reference says: {answer}"
    return None


def main():
    report = claims.Claims()
    try:
        import safetensors
    except ImportError:
        report.skip(CLAIM, "the Python package 'safetensors' is not installed")
        sys.exit(report.finish())
    vectors = [vector for path in sorted((TOP / "tests/vectors/safetensors").glob("*.vec"))
               for vector in vec_file.read(path)]
    problems = [problem(vector, reference_answer(safetensors, vector.weights_file()))
                for vector in vectors]
    report.check(f"{CLAIM} ({len(vectors)} vectors, safetensors {safetensors.__version__})",
                 [text for text in problems if text])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
