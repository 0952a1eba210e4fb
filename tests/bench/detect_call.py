"""Prints the seconds of one call of weightmark.detect: detect_call.py files|memory MODEL KEY.

memory: all tensors are in memory as numpy arrays before the clock starts.
"""
import json
import pathlib
import struct
import sys
import time

import ml_dtypes
import numpy
import weightmark


def tensors_of(folder):
    tensors = {}
    for path in sorted(folder.glob("*.safetensors")):
        with open(path, "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            header.pop("__metadata__", None)
            # In the order of their places: the file is read once, from its begin to its end.
            for name, entry in sorted(header.items(), key=lambda each: each[1]["data_offsets"]):
                begin, end = entry["data_offsets"]
                values = numpy.fromfile(file, ml_dtypes.bfloat16, (end - begin) // 2)
                tensors[name] = values.reshape(entry["shape"])
    return tensors


def main():
    way, folder, key = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    more = {}
    model = folder
    if way == "memory":
        model = tensors_of(folder)
        more = {"tokenizer": folder, "config": folder / "config.json"}
    begin = time.perf_counter()
    found = weightmark.detect(model, key=key, shares=1, full=True, progress=False, **more)
    print(time.perf_counter() - begin)
    if found.verdict != "conclusive":
        sys.exit(f"the mark is not found: {found}")


if __name__ == "__main__":
    main()
