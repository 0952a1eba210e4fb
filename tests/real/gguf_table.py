#!/usr/bin/env python3
"""z of the marked real model in every GGUF type, with the right and a wrong key.

gguf_table.py [--ggml LIB] [--program PATH] [--model FOLDER]. Prints Markdown; checks nothing
(run.py does, for some types). Without a ggml library the table has only the types that the gguf
package can write.
"""
import argparse
import pathlib

import gguf_converter
import run

BY_PACKAGE = ["F32", "F16", "BF16", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0", "MXFP4", "TQ2_0",
              "TQ1_0"]
BY_GGML = ["Q6_K", "Q5_K", "Q4_K", "Q3_K", "Q2_K", "IQ4_NL", "IQ4_XS", "IQ3_S", "IQ3_XXS", "IQ2_S",
           "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S", "NVFP4"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=run.TOP / "build" / "weightmark")
    parser.add_argument("--model", type=pathlib.Path)
    parser.add_argument("--ggml", type=pathlib.Path)
    options = parser.parse_args()
    with run.Lab(options.program.resolve(), options.model or run.prepared_model()) as lab:
        run.mark(lab)
        marked = lab.folder / "marked"
        converter = gguf_converter.Converter(run.TOP / "build", lab.folder, options.ggml)
        print("| type | bytes | z | verdict | wrong key |\n|---|---|---|---|---|")
        right, wrong = lab.judge("safetensors", marked)
        print(f"| (safetensors) | | {right['z']:.1f} | {right['verdict']} | {wrong['z']:.1f} |")
        for kind in BY_PACKAGE + (BY_GGML if options.ggml else []):
            out = lab.folder / "marked.gguf"
            try:
                converter.write(marked, kind, out)
                right, wrong = lab.judge(kind, out)
                print(f"| {kind} | {out.stat().st_size} | {right['z']:.1f} | {right['verdict']} "
                      f"| {wrong['z']:.1f} |", flush=True)
            except (RuntimeError, OSError) as error:
                print(f"| {kind} | - | {error} | | |", flush=True)


if __name__ == "__main__":
    main()
