#!/usr/bin/env python3
"""Does every page link to the glossary, and is the glossary in order?

Pages are README.md, ARCHITECTURE.md and everything in specs/. The glossary is one table, sorted by
term without regard to case; each term is defined once, in at most three sentences.
"""
import re
import sys

from tree import claims, files, read

GLOSSARY = "specs/glossary.md"
LINK = re.compile(r"\]\((?:specs/)?glossary\.md(?:#[\w-]+)?\)")
ENTRY = re.compile(r"^\| \*\*(.+?)\*\* \| (.+) \| (.*) \|$", re.MULTILINE)
# A full stop inside an abbreviation or a number does not end a sentence.
SENTENCE = re.compile(r"[.:?](?= [A-Z`]|$)")
SENTENCES_MAX = 3


def link_problems(pages):
    """`pages`: {path: text}."""
    return [f"{path}: no link to the glossary" for path, text in pages.items()
            if path != GLOSSARY and not LINK.search(text)]


def order_problems(text):
    terms = [match[1].lower() for match in ENTRY.finditer(text)]
    if not terms:
        return ["the glossary defines nothing"]
    problems = [f"'{after}' stands behind '{before}'" for before, after in zip(terms, terms[1:])
                if after < before]
    return problems + [f"'{term}' is defined twice" for term in sorted(set(terms))
                       if terms.count(term) > 1]


def length_problems(text):
    return [f"'{match[1]}' takes more than {SENTENCES_MAX} sentences"
            for match in ENTRY.finditer(text)
            if len(SENTENCE.findall(match[2])) > SENTENCES_MAX]


def self_problems():
    """Planted faults that must be found."""
    def row(term, meaning="A thing."):
        return f"| **{term}** | {meaning} | |\n".replace("| |", "|  |")
    problems = []
    if order_problems(row("a") + row("B") + row("c")):
        problems.append("a sorted glossary was refused")
    if not all(map(order_problems, [row("b") + row("a"), row("a") + row("A"), ""])):
        problems.append("a bad order was taken")
    if not length_problems(row("a", "One. Two. Three. Four.")) or length_problems(row("a")):
        problems.append("sentences were not counted")
    if not link_problems({"specs/x.md": "see glossary.md"}) or link_problems(
            {"specs/x.md": "[glossary.md](glossary.md)", "README.md": "[it](specs/glossary.md)"}):
        problems.append("links were not recognised")
    return problems


def main():
    names = [path.as_posix() for path in files() if path.suffix == ".md"]
    pages = {name: read(name) for name in names
             if name in ("README.md", "ARCHITECTURE.md") or name.startswith("specs/")}
    glossary = pages.get(GLOSSARY, "")
    report = claims.Claims()
    report.check("glossary: planted faults are found", self_problems())
    report.check("glossary: every page links to it", link_problems(pages))
    report.check("glossary: terms are sorted and defined once", order_problems(glossary))
    report.check("glossary: definitions are short", length_problems(glossary))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
