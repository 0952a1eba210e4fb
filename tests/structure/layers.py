#!/usr/bin/env python3
"""Does every include point down or stay in its room?

Rooms, floors and who may include whom are written in CMakeLists.txt; CMake hands them over in
build/rooms.txt. Where an outside library may stand is written here, and in ARCHITECTURE.md.
"""
import re
import sys

from tree import TOP, claims, files, read

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".cc", ".h"}
# Prefix of an outside header -> the rooms it may stand in, and whether a header may include it.
OUTSIDE = {
    "sodium.h": ({"crypto", "sign"}, False),
    "openssl/": ({"crypto", "sign"}, False),
    "Eigen/": ({"stats", "lab"}, False),
    "cblas.h": ({"stats"}, False),
    "google/protobuf/": ({"proto", "embed", "sign"}, False),
    "CLI/": ({"cli"}, True),
    "catch2/": ({"tests"}, True),
    "thread": ({"base"}, False),  # base/parallel alone knows of workers
    "sys/mman.h": (set(), False),  # a truncated file must give an error, not a signal
}


def read_plan(text):
    """'name floor may...' a line -> {name: (floor, set of rooms)}."""
    plan = {}
    for line in text.splitlines():
        name, floor, *may = line.split()
        plan[name] = (int(floor), set(may))
    return plan


def plan_problems(plan):
    """A room may only include rooms of lower floors."""
    return [f"CMakeLists.txt: {name} (floor {floor}) may include {other}, which is not below it"
            for name, (floor, may) in plan.items() for other in sorted(may)
            if other not in plan or plan[other][0] >= floor]


def outside_problem(path, header):
    for prefix, (rooms, in_headers) in OUTSIDE.items():
        if header == prefix or prefix.endswith("/") and header.startswith(prefix):
            if path.parts[0] not in rooms and path.parts[0] != "tests":
                return f"<{header}> does not belong in {path.parts[0]}"
            if path.suffix == ".h" and not in_headers:
                return f"<{header}> does not belong in a header"
    return None


def inside_problem(path, header, plan, known):
    room, target = path.parts[0], header.split("/")[0]
    if "/" not in header or target not in plan and target != "tests":
        return f'"{header}" does not begin with a room'
    source = header.replace(".pb.h", ".proto")
    if source not in known:
        return f'"{header}" does not exist'
    if room == "tests" or target == room:
        return None
    if target not in plan[room][1]:
        return f'{room} may not include {target} ("{header}")'
    return None


def include_problems(path, text, plan, known):
    """Sentences on the wrong includes of one file. `known`: names of all files, with slashes."""
    if path.parts[0] not in plan and path.parts[0] != "tests":
        return [f"{path}: a source file outside of all rooms"]
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if match := INCLUDE.match(line):
            bracket, header = match.groups()
            problem = (outside_problem(path, header) if bracket == "<"
                       else inside_problem(path, header, plan, known))
            if problem:
                problems.append(f"{path}:{number}: {problem}")
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
             (P("extra/x.cc"), '#include <vector>', True),
             (P("crypto/x.cc"), '#include "base/result.h"\n#include <sodium.h>', False)]
    return [f"{path}: '{line}' was {'not ' if wrong else ''}taken for wrong"
            for path, line, wrong in cases
            if bool(include_problems(path, line, plan, known | {"cli/main.h"})) != wrong]


def main():
    rooms = TOP / "build" / "rooms.txt"
    if not rooms.exists():
        sys.exit("layers: build/rooms.txt is missing: run ./run build first")
    plan = read_plan(rooms.read_text())
    everything = files()
    known = {path.as_posix() for path in everything}
    report = claims.Claims()
    report.check("layers: rooms include lower floors only", plan_problems(plan))
    report.check("layers: a planted wrong include is found", planted(plan, known))
    report.check("layers: a plan that points up is found",
                 len(plan_problems({"a": (0, {"b"}), "b": (1, {"a"})})) == 1)
    report.check("layers: every include points down or stays in its room",
                 [problem for path in everything if path.suffix in SOURCES
                  for problem in include_problems(path, read(path), plan, known)])
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
