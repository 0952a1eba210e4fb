#!/usr/bin/env python3
"""Every quantised format on the marked real model, right and wrong key, as a Markdown table.

quantised_table.py [--program PATH] [--model FOLDER] [FORMAT...]. quantise.py runs in the
environment that prepare.py makes. Checks nothing (run.py does).
"""
import argparse
import pathlib
import shutil

import run


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("formats", nargs="*", help="all of them by default")
    options = parser.parse_args()
    with run.Lab(options.program.resolve(), options.model or run.prepared_model()) as lab:
        run.mark(lab)
        print("| format | z | verdict | wrong key |\n|---|---|---|---|")
        for name in options.formats or run.quantised_formats():
            folder = run.quantise(lab, name)
            right, wrong = lab.judge(name, folder)
            print(f"| {name} | {right['z']:.1f} | {right['verdict'].replace('_', ' ')} "
                  f"| {wrong['z']:.1f} |", flush=True)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
