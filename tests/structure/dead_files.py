"""Which files does nobody refer to?"""
import re

ENTRIES = {"README.md", "LICENSE", "NEWS.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "STYLE.md",
           "SECURITY.md", "CMakeLists.txt", "CMakePresets.json", "pyproject.toml", "run", ".ci/run",
           ".gitignore", ".clang-format", ".clang-tidy"}
# Folders whose files are taken by a pattern: each file in them is used by being there.
GLOBBED = [("tests/unit/**", re.compile(r"_test\.cc$")),
           ("tests/unit/**", re.compile(r"\.(h|cc)$")),  # helpers; see is_globbed
           ("tests/support", re.compile(r"\.cc$")),  # CMake takes the folder whole
           ("tests/cli", re.compile(r"\.txt$|^README\.md$")),
           ("tests/structure", re.compile(r"\.py$")),
           ("tests/interop", re.compile(r"\.(py|sh)$")),
           ("tests/fuzz/corpus/**", re.compile(r"")),  # run.py takes them whole
           ("tests/fuzz", re.compile(r"_fuzz\.cc$|^CMakeLists\.txt$")),
           ("tests/fuzz/claims", re.compile(r"_fuzz\.cc$")),
           ("tests/fuzz/formats", re.compile(r"_fuzz\.cc$")),
           ("tests/fuzz/dictionaries", re.compile(r"\.dict$")),
           ("tests/vectors", re.compile(r"^make_\w+\.py$")),
           ("python/weightmark", re.compile(r"^(py\.typed|__main__\.py|_core\.pyi)$")),
           ("tests/python", re.compile(r"_test\.py$")),
           ("proto", re.compile(r"\.proto$")),
           ("specs", re.compile(r"\.md$")),
           ("checkpoint/naming", re.compile(r"\.rules$"))]  # the catalogue test holds these


def is_globbed(path):
    folder = path.parent.as_posix()
    for where, pattern in GLOBBED:
        inside = (folder + "/").startswith(where[:-2]) if where.endswith("/**") else folder == where
        if inside and pattern.search(path.name):
            return True
    return False


def mentions(path):
    """What another file would write to refer to this one."""
    if path.parts[0] == "include":
        return f'"{path.relative_to("include").as_posix()}"'
    if path.suffix == ".h":
        return f'"{path.as_posix()}"'
    if path.suffix == ".py":
        return path.stem
    return path.name


def problems(texts, everything):
    """`texts`: {path: text} of the text files; `everything`: all paths."""
    out = []
    for path in everything:
        name = path.as_posix()
        is_source = path.suffix == ".cc" and path.parts[0] != "tests"  # CMake takes a module whole
        if name in ENTRIES or is_source or (is_globbed(path) and path.suffix != ".h"):
            continue
        wanted = [mentions(path)]
        if path.parts[:2] == ("tests", "vectors"):  # a vector, or the folder it lies in
            wanted += [parent.name for parent in path.parents if len(parent.parts) > 2]
            wanted.append(path.stem)
        own = {path, path.with_suffix(".cc")} if path.suffix == ".h" else {path}
        if not any(word in text for word in wanted
                   for other, text in texts.items() if other not in own):
            out.append(f"{name}: nobody refers to it")
    return out
