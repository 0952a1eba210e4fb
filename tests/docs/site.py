#!/usr/bin/env python3
"""The site of ./run docs: complete, without dead links, and it loads nothing from other hosts.

Exit code 77 if mkdocs cannot be installed.
"""
import ast
import pathlib
import re
import shutil
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests"), str(TOP / "docs" / "site")]
import build as site  # noqa: E402
import claims  # noqa: E402
import python_venv  # noqa: E402

LOADS = re.compile(r"<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="
                   r"[\"']?((?:https?:)?//[^\"' >]+)")
PLANTED = "\n[no page](no_such_page.md) and [no heading](publisher.md#no-such-heading)\n"


def python_names():
    """What the package offers: its __all__, read without importing it."""
    tree = ast.parse((TOP / "python" / "weightmark" / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__":
            return ast.literal_eval(node.value)
    return []


def missing_pages(html):
    sources = [*TOP.glob("docs/*.md"), *TOP.glob("specs/*.md")]
    pages = [path.relative_to(TOP).with_suffix(".html") for path in sources]
    pages = [page.with_name("index.html") if page.stem == "README" else page for page in pages]
    return [f"no {page}" for page in pages if not (html / page).is_file()]


def missing_interfaces(html):
    python = (html / "api" / "python.html").read_text(encoding="utf-8")
    cpp = (html / "api" / "cpp.html").read_text(encoding="utf-8")
    headers = [path.name for path in (TOP / "include" / "weightmark").glob("*.h")]
    return ([f"Python: no {name}" for name in python_names()
             if f'id="weightmark.{name}"' not in python]
            + ["Python: no names at all"] * (not python_names())
            + [f"C++: no {name}" for name in headers if f"weightmark/{name}" not in cpp])


def loads(html):
    """What a browser would fetch from other hosts."""
    return sorted({f"{page.relative_to(html)}: {host}" for page in html.rglob("*.html")
                   for host in LOADS.findall(page.read_text(encoding="utf-8"))})


def commands_left_out():
    """Commands that the page of questions does not name."""
    page = (TOP / "docs" / "which_command.md").read_text(encoding="utf-8")
    program = (TOP / "cli" / "program.cc").read_text(encoding="utf-8")
    names = re.findall(r"\badd_(\w+)_command\b", program)
    return ([f"not named: {name}" for name in names if not re.search(rf"`{name}\b", page)]
            + ["no commands found"] * (not names))


def main():
    python = python_venv.with_modules(site.MODULES, "site")
    if not python:
        print("skip - site: mkdocs-material and mkdocstrings cannot be installed")
        return 77
    out = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-site-"))
    report = claims.Claims()
    try:
        report.check("site: 'which command do I need' names every command", commands_left_out())
        config = site.stage(out)
        report.check("site: it is built, and every link leads somewhere",
                     site.build(python, config))
        report.check("site: every guide and specification is in it", missing_pages(out / "html"))
        report.check("site: the interfaces of Python and C++ are in it",
                     missing_interfaces(out / "html"))
        report.check("site: it loads nothing from other hosts", loads(out / "html"))
        report.check("site: a page that loads from another host would be found",
                     bool(LOADS.search('<script async src="https://host.example/x.js">')))
        with open(out / "pages" / "docs" / "README.md", "a", encoding="utf-8") as page:
            page.write(PLANTED)
        said = "\n".join(site.build(python, config))
        report.check("site: planted dead links are found",
                     [f"{word} was not" for word in ("no_such_page", "no-such-heading")
                      if word not in said])
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
