"""The table of specs/suspects.md, as a run writes it. Not thread-safe."""
import pathlib

PAGE = pathlib.Path(__file__).resolve().parents[2] / "specs" / "suspects.md"
HEAD = ["| suspect | question | before | now | unmarked |", "|---|---|---|---|---|"]


def earlier(table=None):
    """{(suspect, question): answer}: what stands in the column "before" of the page or, with a
    table of an earlier program, what stands there in the column "now"."""
    out, column = {}, 2 if table is None else 3
    for line in (table or PAGE).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 5:
            out[tuple(cells[:2])] = cells[column]
    return out


def line(before, name, asked, now, twin):
    cells = [name, asked, before.get((name, asked), ""), now, twin]
    return "".join(f"| {cell} " for cell in cells) + "|"
