#!/usr/bin/env python3
"""The Containerfile: what it promises by its text and, with --build, in a container.

container.py [--build]: `./run container` builds the image, which takes as long as a build. Where
podman, buildah or docker is missing, has no service or cannot get Debian's image, that is skipped.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

IMAGE = "weightmark-test"
NO_IMAGE = re.compile(r"pull|registry|manifest|resolv|timeout|dial tcp|initializing source", re.I)


def lines_of(text):
    """Instructions, each on one line, without comments."""
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def text_problems(text):
    """What can be read from the file: two stages of Debian 12, no root, nothing from the web."""
    lines = lines_of(text)
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    if len(stages) != 2:
        return ["it has not two stages"]
    last, problems = lines[stages[1]:], []
    if any("debian:12-slim" not in lines[number] for number in stages):
        problems.append("a stage is not of Debian 12 slim")
    users = [line.split()[1] for line in last if line.startswith("USER ")]
    if not users or users[-1] in ("0", "root"):
        problems.append("the program runs as root")
    if not any(line.startswith('ENTRYPOINT ["/usr/bin/weightmark"]') for line in last):
        problems.append("its entry is not the program")
    if any(re.search(r"\b(curl|wget|git clone|pip)\b|^ADD ", line) for line in lines):
        problems.append("it takes something from elsewhere than apt")
    return problems


def package_problems(text):
    """The packages are those that ./run installs to build."""
    listed = re.search(r"^PACKAGES=\(([^)]*)\)", (TOP / "run").read_text(), re.MULTILINE)[1]
    return [f"not installed: {name}" for name in listed.split()
            if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]


def self_problems(text):
    bad = {"root": text.replace("USER 10001\n", ""), "web": text + "RUN curl x\n",
           "stage": text.replace(" AS build", "").replace("FROM", "LABEL", 1)}
    return [f"a planted fault was not found: {name}" for name, each in bad.items()
            if not text_problems(each)]


def engine():
    """(tool, None), or (None, reason)."""
    for tool in ("podman", "docker"):
        if shutil.which(tool):
            done = subprocess.run([tool, "info"], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return tool, None
            return None, f"{tool} has no service here"
    return None, "neither podman nor docker"


def check_image(report):
    claim = "container: it is built, marks a model and finds the mark, without network and root"
    tool, reason = engine()
    if not tool:
        report.skip(claim, reason)
        return
    done = subprocess.run([tool, "build", "-t", IMAGE, "-f", str(TOP / "Containerfile"), str(TOP)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = (done.stdout + done.stderr).strip().splitlines()[-3:]
        if NO_IMAGE.search(" ".join(tail)):
            report.skip(claim, f"no image of Debian: {tail[-1][:200]}")
        else:
            report.check(claim, tail)
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-container-"))
    folder.chmod(0o777)
    subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder / "model"], check=True)
    wrong = []
    for words in (["keygen", "owner.key"],
                  ["embed", "model", "--key", "owner.key", "--strength", "0.03", "-o", "marked"],
                  ["detect", "marked", "--key", "owner.key"]):
        done = subprocess.run([tool, "run", "--rm", "--network", "none", "-v", f"{folder}:/data",
                               IMAGE, *words], capture_output=True, text=True, check=False)
        wrong += [f"{words[0]}: {done.stderr.strip()}"] if done.returncode else []
    subprocess.run([tool, "rmi", IMAGE], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)
    report.check(claim, wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", action="store_true")
    options = parser.parse_args()
    text = (TOP / "Containerfile").read_text(encoding="utf-8")
    report = claims.Claims()
    report.check("container: planted faults are found", self_problems(text))
    report.check("container: two stages of Debian 12, without root, only from apt",
                 text_problems(text))
    report.check("container: it installs the packages of ./run", package_problems(text))
    if options.build:
        check_image(report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
