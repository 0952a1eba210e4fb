"""The files of the project, as the house tests see them. Not for threads."""
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402,F401

TEXT = {".cc", ".h", ".py", ".sh", ".md", ".txt", ".cmake", ".proto", ".rules", ".yml", ""}


def files():
    """Paths relative to the top, sorted: what git tracks or would track, else what lies there."""
    command = ["git", "-C", str(TOP), "ls-files", "-co", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        names = {pathlib.PurePath(line) for line in listed.splitlines()}
    except (OSError, subprocess.CalledProcessError):
        names = {path.relative_to(TOP) for path in TOP.rglob("*")}
        names = {name for name in names if not name.parts[0].startswith((".git", "build"))}
    return sorted(name for name in names if (TOP / name).is_file())


def is_text(path):
    """Text that people wrote; vectors, transcripts and inputs of fuzzing may hold anything."""
    is_data = (path.parts[:2] in (("tests", "vectors"), ("tests", "releases"))
               or path.parts[:3] == ("tests", "fuzz", "corpus"))
    return path.suffix in ({".py", ".md"} if is_data else TEXT) and path.name != "LICENSE"


def read(path):
    return (TOP / path).read_text(encoding="utf-8")
