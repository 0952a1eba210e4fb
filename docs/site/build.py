#!/usr/bin/env python3
"""Builds the site: build.py [OUT] (build/site). A link that leads nowhere is an error.

Pages keep their places, so that their links work as they do in the repository; none is changed.
Written anew are the page of the C++ headers, and mkdocs.yml with the list of specifications. mkdocs
is installed in a virtual environment in build/. Exit code 77 if that is not possible.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import python_venv  # noqa: E402

MODULES = {"material": "mkdocs-material>=9.5,<10",
           "mkdocstrings_handlers.python": "mkdocstrings[python]>=0.27"}
SITE = TOP / "docs" / "site"
PAGES = ("README.md", "NEWS.md", "SECURITY.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "STYLE.md",
         "LICENSE", "NOTICE", "docs/*.md", "docs/*.yml", "specs/*.md", "specs/*.png")
# Pages of specs/ that stand in the menu elsewhere.
ELSEWHERE = ("cli.md", "library.md")
CPP_HEAD = """# C++

The headers of `libweightmark`, with their comments. A program includes `weightmark/weightmark.h`,
which includes the others; [the library's page](../specs/library.md) says what is promised.
"""


def header_page():
    """Each header: its first comment as prose, then what it declares."""
    parts = [CPP_HEAD]
    for path in sorted((TOP / "include" / "weightmark").glob("*.h")):
        lines = path.read_text(encoding="utf-8").splitlines()
        end = next(number for number, line in enumerate(lines) if not line.startswith("//"))
        prose = "\n".join(line.removeprefix("//").removeprefix(" ") for line in lines[:end])
        code = "\n".join(lines[end:]).strip()
        parts.append(f"## weightmark/{path.name}\n\n{prose}\n\n```cpp\n{code}\n```\n")
    return "\n".join(parts)


def configuration(out):
    """mkdocs.yml with the specifications in its menu and the folders of this layout."""
    names = sorted(path.name for path in (TOP / "specs").glob("*.md"))
    menu = "".join(f"\n      - specs/{name}" for name in names if name not in ELSEWHERE)
    text = (SITE / "mkdocs.yml").read_text(encoding="utf-8")
    text = text.replace("Specifications: SPECIFICATIONS", "Specifications:" + menu)
    text = re.sub(r"^docs_dir: .*$", f"docs_dir: {out / 'pages'}", text, flags=re.MULTILINE)
    text = re.sub(r"^site_dir: .*$", f"site_dir: {out / 'html'}", text, flags=re.MULTILINE)
    return text.replace("[../../python]", f"[{TOP / 'python'}]")


def stage(out):
    pages = out / "pages"
    shutil.rmtree(out, ignore_errors=True)
    for pattern in PAGES:
        for path in TOP.glob(pattern):
            target = pages / path.relative_to(TOP)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    (pages / "api").mkdir()
    shutil.copy(SITE / "python.md", pages / "api" / "python.md")
    (pages / "api" / "cpp.md").write_text(header_page(), encoding="utf-8")
    (out / "mkdocs.yml").write_text(configuration(out), encoding="utf-8")
    return out / "mkdocs.yml"


def build(python, config):
    """What mkdocs says; an empty list if all is well."""
    done = subprocess.run([str(python), "-m", "mkdocs", "build", "--strict", "-f",
                           str(config)], capture_output=True, text=True, check=False,
                          env=dict(os.environ, NO_MKDOCS_2_WARNING="1"))
    said = [line for line in (done.stdout + done.stderr).splitlines()
            if line.strip() and not line.startswith("INFO")]
    return (said or ["mkdocs failed"]) if done.returncode else []


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "site").resolve()
    python = python_venv.with_modules(MODULES, "site")
    if not python:
        print("skip - site: mkdocs-material and mkdocstrings cannot be installed")
        return 77
    wrong = build(python, stage(out))
    print("\n".join(wrong) or out / "html" / "index.html")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
