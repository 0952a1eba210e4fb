#!/usr/bin/env python3
"""Measures speed and memory beside `openssl dgst -sha256` of the same bytes; checks nothing.

bench.py [--program PATH] [--runs N] [--only PART[,PART]] [--largest] [--json] [--plot FILE.svg]
[--folder DIR] [--python PATH]. Parts: mark (marking.py), size (size.py), sign (seal.py), compare
(lineage.py), carry (carry.py), ways (ways.py). Warm cache; rounds in which every command runs once;
medians; every command starts on an idle disk (measure.py). All parts together take at most 45
minutes on two cores and 15 GB of disk; with --largest the part size takes longer, and 20 GB. All
files are removed at the end.
"""
import argparse
import json
import pathlib
import shutil
import tempfile
import time

import carry
import lineage
import marking
import measure
import seal
import size
import ways

TOP = pathlib.Path(__file__).resolve().parents[2]
PARTS = {
    "mark": (marking, lambda program, folder, options: marking.run(
        program, folder, options.runs, options.layers)),
    "size": (size, lambda program, folder, options: size.run(
        program, folder, options.plot, options.largest, options.layers)),
    "sign": (seal, lambda program, folder, options: seal.run(program, folder, options.runs)),
    "compare": (lineage, lambda program, folder, options: lineage.run(
        program, folder, options.runs, options.layers)),
    "carry": (carry, lambda program, folder, options: carry.run(
        program, folder, options.layers or carry.LAYERS)),
    "ways": (ways, lambda program, folder, options: ways.run(
        program, folder, options.runs, options.python, options.layers)),
}


def parts(text):
    chosen = text.split(",")
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        raise argparse.ArgumentTypeError(f"no part '{unknown[0]}'; there are: {', '.join(PARTS)}")
    return chosen


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds (default 3)")
    parser.add_argument("--only", type=parts, default=list(PARTS), metavar="PART[,PART]",
                        help=f"of {', '.join(PARTS)}")
    parser.add_argument("--layers", type=int, metavar="N",
                        help="of all models, to try the bench in less time")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=pathlib.Path, metavar="FILE.svg",
                        help="where the plot of time against size goes")
    parser.add_argument("--largest", action="store_true", help="sizes up to 20 GB")
    parser.add_argument("--python", type=pathlib.Path,
                        help="a Python with a wheel, for 'ways' (default: that of the build)")
    parser.add_argument("--folder", type=pathlib.Path, help="where the checkpoints go")
    return parser.parse_args()


def render(document):
    machine = document["machine"]
    lines = [f"{machine['processor']}, {machine['cores']} cores "
             f"({', '.join(machine['extensions'])}), {machine['openssl']}"]
    for name, (module, _) in PARTS.items():
        if name in document:
            lines += ["", *module.render(document[name]),
                      f"(part '{name}': {document['minutes'][name]:.1f} minutes)"]
    return "\n".join(lines)


def main():
    options = parse_options()
    program = options.program.resolve()
    document = {"schema": "weightmark/bench/v2", "machine": measure.machine(), "minutes": {}}
    for name in options.only:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-bench-", dir=options.folder))
        begin = time.monotonic()
        try:
            document[name] = PARTS[name][1](program, folder, options)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        document["minutes"][name] = (time.monotonic() - begin) / 60
    print(json.dumps(document, indent=1) if options.json else render(document))


if __name__ == "__main__":
    main()
