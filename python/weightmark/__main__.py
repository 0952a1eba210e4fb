"""python -m weightmark: the program itself."""
import os
import pathlib
import sys


def main():
    program = pathlib.Path(__file__).with_name("bin") / "weightmark"
    os.execv(program, [str(program), *sys.argv[1:]])


if __name__ == "__main__":
    main()
