#!/usr/bin/env python3
"""Makes one suspect: make.py NAME MODEL OUT [--original DIR] [--key FILE] [--dtype F32].

Needs numpy; the names are those of catalogue.py.
"""
import argparse
import base64
import pathlib

import catalogue
import folder


def secret(path):
    """The key in the last line of a file that is not sealed."""
    text = pathlib.Path(path).read_text().split()[-1]
    return base64.b64decode(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(catalogue.makers()))
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--original", help="the unmarked original")
    parser.add_argument("--key", help="the key, for a claimant's lie")
    parser.add_argument("--dtype", default="BF16", choices=("BF16", "F32"))
    options = parser.parse_args()
    suspect = folder.Suspect(options.model, options.dtype)
    suspect.original = options.original or options.model
    suspect.key = secret(options.key) if options.key else None
    catalogue.makers()[options.name](suspect)
    suspect.write(options.out)


if __name__ == "__main__":
    main()
