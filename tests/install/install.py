#!/usr/bin/env python3
"""Installs the build into a folder of its own and uses it as a stranger would.

install.py --build FOLDER: the program runs; a program outside of the tree finds the CMake package,
is built with the shared and with the static library, marks a made-up model and finds the mark;
pkg-config names the libraries, each to build with; both show the facade alone; the licence is
there. Prints "ok - ..." or "not ok - ..." for each; exit code 1 if one is not ok.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

FUNCTIONS = ("arbitrate", "compare", "detect", "detect_logits", "embed", "embed_in_place",
             "inspect", "sign", "trace", "verify", "version")


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False, **more)


def problems_of(done, wanted=0):
    if done.returncode == wanted:
        return []
    return [f"exit code {done.returncode}", *(done.stdout + done.stderr).splitlines()[-8:]]


def facade_problems(library, which):
    """What the library shows beside the facade, or does not show. `which`: symbols, for nm."""
    done = run("nm", which, "--defined-only", "--demangle", library)
    lines = [line.split(" ", 2) for line in done.stdout.splitlines()]
    names = [line[2].split("@")[0] for line in lines if len(line) == 3]
    foreign = [name for name in names
               if not re.search(r"\bweightmark::", name) and not name.startswith("WEIGHTMARK_")]
    missing = [f"no {each}()" for each in FUNCTIONS
               if not any(f"weightmark::{each}(" in name for name in names)]
    return missing + foreign[:5]


def check_all(build, scratch, report):
    prefix = scratch / "prefix"
    for component in ("program", "library", "development"):
        done = run("cmake", "--install", build, "--prefix", prefix, "--component", component)
        report.check(f"installed: {component}", problems_of(done))
    done = run(prefix / "bin" / "weightmark", "--version")
    report.check("the installed program runs", problems_of(done))
    pages = ("man/man1/weightmark-embed.1", "bash-completion/completions/weightmark",
             "zsh/site-functions/_weightmark", "fish/vendor_completions.d/weightmark.fish")
    report.check("man pages and completions are there",
                 [f"no {page}" for page in pages if not (prefix / "share" / page).is_file()])
    papers = ("LICENSE", "NOTICE", "specs/naming.md")
    report.check("the licence and the page that --naming refers to are there",
                 [f"no {name}" for name in papers
                  if not (prefix / "share" / "doc" / "weightmark" / name).is_file()])

    libraries = sorted(prefix.glob("lib/**/libweightmark.so.0"))
    report.check("libweightmark.so.0 is there", [] if libraries else ["no such file"])
    if not libraries:
        return
    report.check("the library shows the facade alone",
                 facade_problems(libraries[0], "--dynamic"))
    archives = sorted(prefix.glob("lib/**/libweightmark.a"))
    report.check("libweightmark.a shows the facade alone",
                 facade_problems(archives[0], "--extern-only") if archives else ["no such file"])

    check_example(prefix, scratch, report)
    check_pkg_config(libraries[0].parent, scratch, report)


def check_pkg_config(folder, scratch, report):
    """What it prints is where the library was installed, and enough to build the example."""
    paths = dict(os.environ, PKG_CONFIG_PATH=str(folder / "pkgconfig"))
    done = run("pkg-config", "--static", "--libs", "weightmark", env=paths)
    report.check("pkg-config knows what the library needs",
                 problems_of(done) or [done.stdout] * ("-lsodium" not in done.stdout.split()))
    for package, is_shared in (("weightmark", True), ("weightmark-static", False)):
        done = run("pkg-config", "--cflags", "--libs", package, env=paths)
        report.check(f"pkg-config knows {package}", problems_of(done))
        program = scratch / f"by {package}"
        done = run("c++", "-std=c++20", TOP / "tests" / "install" / "example" / "example.cc",
                   "-o", program, *done.stdout.split())
        report.check(f"the example is built with what pkg-config prints for {package}",
                     problems_of(done) or linkage_problems(program, is_shared))


def linkage_problems(program, is_shared):
    if ("libweightmark.so" in run("ldd", program).stdout) == is_shared:
        return []
    return [f"it needs {'no' if is_shared else 'a'} libweightmark.so"]


def check_example(prefix, scratch, report):
    """A program outside of the tree is built with what lies under `prefix`, and run."""
    example = scratch / "example"
    done = run("cmake", "-S", TOP / "tests" / "install" / "example", "-B", example,
               f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release")
    report.check("find_package(weightmark) works outside of the tree", problems_of(done))
    done = run("cmake", "--build", example)
    report.check("the example is built", problems_of(done))
    model = scratch / "model"
    run(sys.executable, TOP / "tests" / "make_model.py", model)
    for program, is_shared in (("example", True), ("example_static", False)):
        done = run(example / program, model, scratch / f"marked by {program}")
        wrong = problems_of(done)
        if "carries the mark" not in done.stdout:
            wrong.append(f"it prints {done.stdout!r}")
        wrong += linkage_problems(example / program, is_shared)
        report.check(f"the {program} marks a model and finds the mark", wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    options = parser.parse_args()
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-install-"))
    report = claims.Claims()
    try:
        check_all(options.build.resolve(), scratch, report)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
