#!/usr/bin/env python3
"""Makes one suspect: make.py NAME MODEL OUT [--dtype F32]. Needs numpy; see catalogue.py."""
import argparse

import catalogue
import folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=sorted(catalogue.makers()))
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--dtype", default="BF16", choices=("BF16", "F32"))
    options = parser.parse_args()
    suspect = folder.Suspect(options.model, options.dtype)
    catalogue.makers()[options.name](suspect)
    suspect.write(options.out)


if __name__ == "__main__":
    main()
