"""The file of logits under construction: rows go to disk one by one, and an interrupted run goes
on where it stopped.

OUT.partial holds the rows, OUT.partial.journal one line of JSON for the plan, one for the columns
and one for each row with its SHA-256. finish() writes the sidecar OUT.json and renames OUT.partial.
Not thread-safe; two runs must not write the same file.
"""
import array
import datetime
import hashlib
import json
import math
import os
import pathlib
import shutil
import struct

from .failure import Failure, TopTokensOnly, shown

HEADER = {".npy": 128, ".safetensors": 512}  # bytes, fixed: rows are counted in it at the end
SYNC_ROWS = 16


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def header(suffix, rows, columns):
    if suffix == ".npy":
        text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}"
        head = b"\x93NUMPY\x01\x00" + struct.pack("<H", HEADER[suffix] - 10)
        return head + text.ljust(HEADER[suffix] - 11).encode() + b"\n"
    begin, end = 8 * columns, 8 * columns + 4 * rows * columns
    tensors = {"token_ids": {"dtype": "I64", "shape": [columns], "data_offsets": [0, begin]},
               "logits": {"dtype": "F32", "shape": [rows, columns], "data_offsets": [begin, end]}}
    size = HEADER[suffix] - 8
    return struct.pack("<Q", size) + json.dumps(tensors).ljust(size).encode()


class Output:
    def __init__(self, path, plan):
        """`plan`: what must be the same where a run goes on: all but the number of rows."""
        self.path, self.plan = pathlib.Path(path), plan
        self.partial = self.path.with_name(self.path.name + ".partial")
        self.journal = self.path.with_name(self.path.name + ".partial.journal")
        self.sidecar = self.path.with_name(self.path.name + ".json")
        self.columns, self.ids, self.rows, self.digests = None, None, [], set()
        self.file = self.log = None

    def open(self, wanted, restart=False):
        """Begins, or goes on: the number of rows that stand already, at most `wanted`."""
        self.wanted = wanted
        if restart or not (self.journal.exists() and self.partial.exists()):
            self.file, self.log = open(self.partial, "wb+"), open(self.journal, "w+b")
            self._note({**self.plan, "started": now()})
            return 0
        self.file, self.log = open(self.partial, "rb+"), open(self.journal, "rb+")
        lines = self._whole_lines()
        if not lines or {k: v for k, v in lines[0].items() if k != "started"} != self.plan:
            raise Failure(f"{shown(str(self.partial))} was begun with other texts, another source "
                          "or other options", "--restart begins anew")
        self.plan = lines[0]
        end = self._resume(lines[1], lines[2:2 + wanted]) if len(lines) > 1 else 0
        self._cut(min(len(lines), 2) + len(self.rows), end)
        return len(self.rows)

    def _whole_lines(self):
        lines = self.log.read().split(b"\n")[:-1]
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise Failure(f"{shown(str(self.journal))} is damaged", "--restart") from error

    def _resume(self, about, rows):
        """Keeps the rows whose digests are right. -> where they end"""
        self._layout(about["columns"], about["suffix"])
        if self.suffix == ".safetensors":
            self.file.seek(HEADER[self.suffix])
            self.ids = array.array("q", self.file.read(8 * self.columns))
        self.file.seek(self.data)
        for row in rows:
            if hashlib.sha256(self.file.read(4 * self.columns)).hexdigest() != row["sha256"]:
                break
            self._count(row)
        return self.data + 4 * self.columns * len(self.rows)

    def _cut(self, lines, end):
        """Cuts off what an interrupted run left behind the last good row."""
        self.file.truncate(end)
        self.file.seek(end)
        self.log.seek(0)
        kept = sum(len(self.log.readline()) for _ in range(lines))
        self.log.truncate(kept)
        self.log.seek(kept)

    def _layout(self, columns, suffix):
        self.columns, self.suffix = columns, suffix
        self.data = HEADER[suffix] + (8 * columns if suffix == ".safetensors" else 0)

    def _begin(self, ids, columns):
        """The first row decides the columns: all tokens in order are .npy, else token_ids."""
        plain = ids is None or list(ids) == list(range(len(ids)))
        self._layout(columns, ".npy" if plain else ".safetensors")
        if self.data + 4 * columns * self.wanted > shutil.disk_usage(self.partial).free:
            raise Failure(f"{self.wanted} rows of {columns} tokens do not fit on the disk")
        if self.path.suffix != self.suffix:
            raise Failure(f"these logits have {'all tokens' if plain else 'a part of the tokens'}, "
                          f"which {self.suffix} holds, not {shown(self.path.suffix)}")
        self.file.write(header(self.suffix, 0, columns))
        if not plain:
            self.ids = array.array("q", ids)
            self.file.write(self.ids.tobytes())
        self._note({"columns": columns, "suffix": self.suffix})

    def add(self, text, end, ids, values):
        """One row: the tokens of `text` up to `end` stand before it."""
        if self.columns is None:
            self._begin(ids, len(values))
        known = self.ids or (None if ids is None else range(self.columns))
        if len(values) != self.columns or (ids is not None and list(ids) != list(known)):
            raise TopTokensOnly(f"row {len(self.rows)} has other tokens than the rows before it: "
                                f"{len(values)} and {self.columns}")
        if any(math.isnan(value) or value == math.inf for value in values):
            raise Failure(f"row {len(self.rows)} has NaN or infinity")
        data = values.tobytes()
        row = {"text": text, "end": end, "time": now(), "sha256": hashlib.sha256(data).hexdigest()}
        self.file.write(data)
        self.file.flush()
        self._note(row)
        self._count(row)

    def _count(self, row):
        self.rows.append(row)
        self.digests.add(row["sha256"])

    def _note(self, value):
        self.log.write(json.dumps(value).encode() + b"\n")
        self.log.flush()
        if len(self.rows) % SYNC_ROWS == 0:
            os.fsync(self.file.fileno())
            os.fsync(self.log.fileno())

    def finish(self, about):
        """Writes the sidecar, then gives the file its name. -> its SHA-256"""
        self.file.seek(0)
        self.file.write(header(self.suffix, len(self.rows), self.columns))
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.seek(0)
        digest = hashlib.file_digest(self.file, "sha256").hexdigest()
        record = {"schema": "weightmark/logits/v1", **self.plan, **about, "finished": now(),
                  "file": {"name": self.path.name, "bytes": self.partial.stat().st_size,
                           "sha256": digest, "rows": len(self.rows), "columns": self.columns,
                           "distinct_rows": len(self.digests)}, "rows": self.rows}
        fresh = self.sidecar.with_name(self.sidecar.name + ".partial")
        with open(fresh, "w", encoding="utf-8") as file:
            json.dump(record, file, indent=1, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.sidecar)
        self.partial.replace(self.path)
        self.journal.unlink()
        return digest
