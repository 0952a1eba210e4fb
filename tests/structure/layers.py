#!/usr/bin/env python3
"""Does every include point to a lower layer, or stay in its module, by the rules of CMakeLists.txt?

CMake writes modules, layers and folders to build/plan.txt. Between modules: an include may point to
the modules that MAY names. Inside a module: a folder may include the folders that its rule names;
top-level files may include every folder; and the folders and top-level units of a module form no
cycle. Which modules may include an outside library is written here, and in ARCHITECTURE.md.
"""
import collections
import pathlib
import re
import sys

from tree import TOP, claims, files, read

MAPS_FILE = re.compile(r"\bmmap(64)?\(")  # a truncated file must give an error, not a signal
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".cc", ".h"}
# Prefix of an outside header -> the modules that may include it, and whether a header may.
OUTSIDE = {
    "sodium.h": ({"crypto", "sign"}, False),
    "openssl/": ({"crypto", "sign"}, False),
    "Eigen/": ({"stats", "lab"}, False),
    "cblas.h": ({"stats"}, False),
    "unicase.h": ({"sign"}, False),
    "uninorm.h": ({"sign"}, False),
    "google/protobuf/": ({"proto", "embed", "sign"}, False),
    "curl/": ({"remote"}, False),
    "CLI/": ({"cli"}, True),
    "catch2/": ({"tests"}, True),
    "thread": ({"base"}, False),  # only base/parallel knows about workers
    "sys/mman.h": ({"base"}, False),  # madvise
}
# Who may include the facade, "weightmark/NAME.h", which lies in include/.
FACADE = ("include", "library", "python", "tests")
Plan = collections.namedtuple("Plan", "modules folders")  # {name: (layer, may)}, {m/folder: names}


def read_plan(text):
    plan = Plan({}, {})
    for line in text.splitlines():
        what, name, *rest = line.split()
        if what == "module":
            plan.modules[name] = (int(rest[0]), set(rest[1:]))
        else:
            plan.folders[name] = set(rest)
    return plan


def plan_problems(plan):
    """A module may only include modules of lower layers; a folder only folders that exist."""
    problems = [f"CMakeLists.txt: {name} (layer {layer}) may include {other}, which is not below it"
                for name, (layer, may) in plan.modules.items() for other in sorted(may)
                if other not in plan.modules or plan.modules[other][0] >= layer]
    for name, others in plan.folders.items():
        module = name.split("/")[0]
        problems += [f"CMakeLists.txt: folder {name} may include {other}, which is not a folder"
                     for other in sorted(others) if f"{module}/{other}" not in plan.folders]
    return problems


def outside_problem(path, header):
    for prefix, (modules, in_headers) in OUTSIDE.items():
        if header == prefix or prefix.endswith("/") and header.startswith(prefix):
            if path.parts[0] not in modules and path.parts[0] != "tests":
                return f"<{header}> does not belong in {path.parts[0]}"
            if path.suffix == ".h" and not in_headers:
                return f"<{header}> does not belong in a header"
    return None


def node(path):
    """'folder/' of a module, or the top-level unit that the file belongs to."""
    return path.parts[1] + "/" if len(path.parts) > 2 else path.stem


def folder_problem(path, header, plan):
    """An include inside one module."""
    here, there = node(path), node(pathlib.PurePath(header))
    if here == there or not here.endswith("/") or not there.endswith("/"):
        return None
    allowed = plan.folders.get(f"{path.parts[0]}/{here[:-1]}", set())
    return None if there[:-1] in allowed else f'{path.parts[0]}/{here} may not include "{header}"'


def inside_problem(path, header, plan, known):
    module, target = path.parts[0], header.split("/")[0]
    if target == "weightmark" and module in FACADE:
        exists = f"include/{header}" in known
        return None if exists else f'"{header}" does not exist'
    if target == module == "python":
        return None if header in known else f'"{header}" does not exist'
    if module in ("include", "python"):
        return f'{module} may only include the facade, not "{header}"'
    if "/" not in header or target not in plan.modules and target != "tests":
        return f'"{header}" does not begin with a module'
    if header.replace(".pb.h", ".proto") not in known:
        return f'"{header}" does not exist'
    if module == "tests":
        return None
    if target == module:
        return folder_problem(path, header, plan)
    if target not in plan.modules[module][1]:
        return f'{module} may not include {target} ("{header}")'
    return None


def include_problems(path, text, plan, known):
    """Sentences on the wrong includes of one file. `known`: names of all files, with slashes."""
    if path.parts[0] not in plan.modules and path.parts[0] not in FACADE:
        return [f"{path}: a source file outside all modules"]
    folder = "/".join(path.parts[:2])
    if path.parts[0] in plan.modules and len(path.parts) > 2 and folder not in plan.folders:
        return [f"{path}: CMakeLists.txt does not name the folder {folder}"]
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if MAPS_FILE.search(line):
            problems.append(f"{path}:{number}: maps a file")
        if match := INCLUDE.match(line):
            bracket, header = match.groups()
            problem = (outside_problem(path, header) if bracket == "<"
                       else inside_problem(path, header, plan, known))
            if problem:
                problems.append(f"{path}:{number}: {problem}")
    return problems


def edges(texts):
    """{module: {node: nodes it includes}}, between a module's folders and top-level units."""
    graph = collections.defaultdict(lambda: collections.defaultdict(set))
    for path, text in texts.items():
        for match in map(INCLUDE.match, text.splitlines()):
            if match and match[2].startswith(path.parts[0] + "/"):
                graph[path.parts[0]][node(path)].add(node(pathlib.PurePath(match[2])))
    return graph


def cycles(texts):
    """Folders that can be reached from themselves through other folders or top-level units."""
    problems = []
    for module, graph in edges(texts).items():
        for start in sorted(name for name in graph if name.endswith("/")):
            seen, todo = set(), [n for n in graph[start] if n != start]
            while todo:
                name = todo.pop()
                if name not in seen:
                    seen.add(name)
                    todo += graph.get(name, ())
            if start in seen:
                problems.append(f"{module}/{start} includes itself through other parts of {module}")
    return problems


def planted(plan, known):
    """Lines that must be found, and one that must not."""
    from pathlib import PurePath as P
    cases = [(P("base/x.cc"), '#include "cli/main.h"', True),
             (P("checkpoint/x.cc"), ' # include "crypto/secret.h"', True),
             (P("embed/x.cc"), '#include <sodium.h>', True),
             (P("stats/x.h"), '#include <Eigen/Core>', True),
             (P("checkpoint/x.cc"), '#include "dtype.h"', True),
             (P("checkpoint/x.cc"), '#include "checkpoint/no_such_thing.h"', True),
             (P("embed/scheme/x.cc"), '#include "embed/mark/marker.h"', True),
             (P("embed/no_such_folder/x.cc"), '#include <vector>', True),
             (P("embed/mark/x.cc"), '#include "embed/scheme/keys.h"', False),
             (P("extra/x.cc"), '#include <vector>', True),
             (P("base/x.cc"), '#include <sys/mman.h>\nmmap(nullptr, 1, 0, 0, 0, 0);', True),
             (P("crypto/x.cc"), '#include "base/result.h"\n#include <sodium.h>', False)]
    problems = [f"{path}: '{line}' was {'not ' if wrong else ''}taken for wrong"
                for path, line, wrong in cases
                if bool(include_problems(path, line, plan, known | {"cli/main.h"})) != wrong]
    ring = {P("m/a/x.h"): '#include "m/top.h"', P("m/top.h"): '#include "m/a/x.h"'}
    return problems + ([] if len(cycles(ring)) == 1 else ["a cycle of folders was not found"])


def main():
    path = TOP / "build" / "plan.txt"
    if not path.exists():
        sys.exit("layers: build/plan.txt is missing: run ./run build first")
    plan = read_plan(path.read_text())
    everything = files()
    known = {path.as_posix() for path in everything}
    texts = {path: read(path) for path in everything if path.suffix in SOURCES}
    report = claims.Claims()
    report.check("layers: modules include lower layers only", plan_problems(plan))
    report.check("layers: a planted wrong include is found", planted(plan, known))
    report.check("layers: a plan that points up is found",
                 len(plan_problems(Plan({"a": (0, {"b"}), "b": (1, {"a"})}, {}))) == 1)
    report.check("layers: every include points down or stays in its module",
                 [problem for path, text in texts.items()
                  for problem in include_problems(path, text, plan, known)])
    report.check("layers: the folders of a module form no cycle",
                 cycles({path: text for path, text in texts.items() if path.parts[0] != "tests"}))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
