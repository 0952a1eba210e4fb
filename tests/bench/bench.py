#!/usr/bin/env python3
"""Compares speed and memory with `openssl dgst -sha256` of the same bytes; checks nothing.

bench.py [--program PATH] [--runs N] [--no-large] [--only mark|kernels|size|sign|compare|carry]
[--json] [--folder DIR].
Marking: a synthetic checkpoint of 2.1 GB (warm cache, rounds in which every command runs once,
medians), GGUF files of the same shapes, in weights per second, then the memory for a checkpoint of
8 GB; about 16 GB of disk (7 GB with --no-large). Kernels: kernels.py (9 GB of disk). Time against
size, and a plot: size.py (26 GB of disk, 60 with --largest). Signing: seal.py. Comparing:
lineage.py (15 GB of disk). Carrying: carry.py (15 GB of disk). All files are removed at the end.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import sys
import tempfile

import carry
import lineage
import make_gguf
import kernels
import measure
import seal
import size
import table

TOP = pathlib.Path(__file__).resolve().parents[2]
SMALL = {"hidden": 2048, "ffn": 5632, "layers": 22, "vocabulary": 32000, "files": 1}
FULL = "detect --full --shares 1"
FFN_ALONE = ("--sites", "ffn")
LARGE = {**SMALL, "layers": 92, "files": 4}


def make_model(folder, sizes):
    words = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]
    measure.once([sys.executable, TOP / "tests" / "make_model.py", folder, *words])
    return sorted(folder.glob("*.safetensors"))


class Bench:
    """Two models, plain and marked, and the commands to measure."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.model, self.marked = folder / "model", folder / "marked"
        self.key = folder / "owner.key"
        self.out = folder / "out"

    def prepare(self):
        measure.note("making a synthetic checkpoint")
        self.files = make_model(self.model, SMALL)
        measure.once([self.program, "keygen", self.key])
        self.embed(self.model, self.marked, "--shares", "1")
        self.bytes = sum(path.stat().st_size for path in self.files)

    def embed(self, model, out, *options):
        return measure.once([self.program, "embed", model, "--key", self.key, "-o", out,
                             "--record", self.folder / "out.mark", "--force", "--quiet", *options])

    def fresh_embed(self, *options):
        """Embeds into a folder that does not exist yet."""
        shutil.rmtree(self.out, ignore_errors=True)
        return self.embed(self.model, self.out, *options)

    def detect(self, model, *options):
        return measure.once([self.program, "detect", model, "--key", self.key, "--quiet", *options],
                            fine=(0, 1, 3))

    def copy(self):
        shutil.rmtree(self.out, ignore_errors=True)
        return measure.once(["cp", "-r", self.model, self.out])

    def subjects(self):
        """{name: function that runs it once}. All read the same weights."""
        marked = sorted(self.marked.glob("*.safetensors"))
        digest = ["openssl", "dgst", "-sha256", *marked]
        return {
            "sha256": lambda: measure.once(digest),
            "sha256 without SHA extensions": lambda: measure.once(digest, measure.NO_SHA),
            "cat > /dev/null": lambda: measure.once(["cat", *marked]),
            "cp": self.copy,
            "detect, early stop": lambda: self.detect(self.marked, "--shares", "1"),
            FULL: lambda: self.detect(self.marked, "--full", "--shares", "1"),
            "detect, early stop, FFN": lambda: self.detect(self.marked, "--shares", "1",
                                                           *FFN_ALONE),
            "detect --full, FFN": lambda: self.detect(self.marked, "--full", "--shares", "1",
                                                      *FFN_ALONE),
            "detect, unmarked": lambda: self.detect(self.model, "--shares", "1"),
            "embed, FFN": lambda: self.fresh_embed("--shares", "1", *FFN_ALONE),
            "embed, FFN and heads": lambda: self.fresh_embed("--shares", "1", "--sites",
                                                             "ffn,heads"),
            "embed, one share": lambda: self.fresh_embed("--shares", "1"),
            "embed, automatic": self.fresh_embed,
        }

    def encoded(self):
        """{type: function that runs detect --full on the same shapes in this type}."""
        files = {"BF16": self.model}
        for kind in make_gguf.TYPES:
            files[kind] = self.folder / f"{kind}.gguf"
            measure.note(f"making {files[kind].name}")
            make_gguf.write(files[kind], kind, SMALL)
        # They are not marked: only the declared reading is a full scan and nothing else.
        return {kind: lambda path=path: self.detect(path, "--full", "--shares", "1", "--json",
                                                    "--readings", "declared", *FFN_ALONE)
                for kind, path in files.items()}

    def large(self):
        """{name: peak bytes} for the larger checkpoint."""
        measure.note("making a checkpoint of 8 GB")
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.rmtree(self.marked)
        files = make_model(self.folder / "large", LARGE)
        self.large_bytes = sum(path.stat().st_size for path in files)
        measure.note("detect --full and embed on it")
        full = self.detect(self.folder / "large", "--full", "--shares", "1")
        embed = self.embed(self.folder / "large", self.out, "--shares", "1")
        return {FULL: full.peak_bytes, "embed, one share": embed.peak_bytes}


def weights_report(results):
    """Weights per second of each type, and the ratio to bf16."""
    rows = []
    for kind, runs in results.items():
        weights = json.loads(runs[0].stdout)["weights_read"]
        rows.append({"type": kind, "weights_per_second": weights / measure.median(runs, "seconds"),
                     "peak_bytes": measure.median(runs, "peak_bytes")})
    for row in rows:
        row["of_bf16"] = row["weights_per_second"] / rows[0]["weights_per_second"]
    return rows


def ratios_report(results):
    """Processor time of one command in that of another: the median over the rounds."""
    return [{"measure": name, "limit": limit,
             "ratio": statistics.median(a.cpu_seconds / b.cpu_seconds
                                        for a, b in zip(results[above], results[below]))}
            for name, above, below, limit in table.RATIOS]


def report(bench, results, encoded, large):
    """The document that --json prints and table.py renders."""
    rows = [{"measure": name, "seconds": measure.median(runs, "seconds"),
             "peak_bytes": measure.median(runs, "peak_bytes"),
             "cpu_seconds": measure.median(runs, "cpu_seconds")} for name, runs in results.items()]
    by_name = {row["measure"]: row for row in rows}
    for row in rows:
        row["ratio"] = row["seconds"] / by_name["sha256"]["seconds"]
        without = by_name["sha256 without SHA extensions"]["seconds"]
        row["ratio_without_sha"] = row["seconds"] / without
        row["times_cat"] = row["seconds"] / by_name["cat > /dev/null"]["seconds"]
        row["limit"] = table.LIMITS.get(row["measure"])
        row["large_peak_bytes"] = large.get(row["measure"])
    return {"schema": "weightmark/bench/v1", "bytes": bench.bytes, "machine": measure.machine(),
            "large_bytes": getattr(bench, "large_bytes", None), "rows": rows,
            "ratios": ratios_report(results), "encoded": weights_report(encoded)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--no-large", action="store_true", help="without the 8 GB checkpoint")
    parser.add_argument("--only", choices=["mark", "kernels", "size", "sign", "compare", "carry"])
    parser.add_argument("--layers", type=int, default=12, help="of the models for carrying")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE.svg",
                        help="where the plot of time against size goes")
    parser.add_argument("--largest", action="store_true", help="sizes up to 20 GB")
    parser.add_argument("--folder", type=pathlib.Path, help="where the checkpoints go")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-bench-", dir=options.folder))
    program, document = options.program.resolve(), {}
    try:
        if options.only in (None, "mark"):
            bench = Bench(program, folder)
            bench.prepare()
            results = measure.rounds(bench.subjects(), options.runs)
            encoded = measure.rounds(bench.encoded(), options.runs)
            large = {} if options.no_large else bench.large()
            document = report(bench, results, encoded, large)
        if options.only in (None, "kernels"):
            document["kernels"] = kernels.run(program, folder, options.runs)
        if options.only in (None, "size"):
            document["size"] = size.run(program, folder, options.plot,
                                        options.largest)
        if options.only in (None, "sign"):
            document["sign"] = seal.run(program, folder, options.runs)
        if options.only in (None, "compare"):
            script = TOP / "tests" / "make_model.py"
            document["compare"] = lineage.run(program, folder, options.runs, script)
        if options.only in (None, "carry"):
            document["carry"] = carry.run(program, folder, options.layers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(document, indent=1))
        return
    if options.only in (None, "mark"):
        print(table.render(document))
    if "kernels" in document:
        print(kernels.render(document["kernels"]))
    if "size" in document:
        print(size.render(document["size"]))
    if "sign" in document:
        print(seal.render(document["sign"]))
    if "compare" in document:
        print(lineage.render(document["compare"]))
    if "carry" in document:
        print(carry.render(document["carry"]))


if __name__ == "__main__":
    main()
