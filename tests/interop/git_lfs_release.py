#!/usr/bin/env python3
"""Marks the working folder of a repository with real Git LFS; the original must not travel along.

git_lfs_release.py [PATH/TO/weightmark]. Git LFS keeps the unmarked weights, bit for bit, in
.git/lfs/objects. Needs git and git-lfs; otherwise skipped.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import claims  # noqa: E402

RELEASE = "a release made from a Git LFS folder holds no unmarked weights and no entry with a dot"
POINTER = "a folder of Git LFS pointers is refused with advice"
FILES = ["config.json", "model.safetensors", "tokenizer.json"]


class Lab:
    def __init__(self, folder, program):
        self.folder, self.program = folder, program
        self.environment = {**os.environ, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
                            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
                            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}

    def run(self, *command, cwd=None, **variables):
        done = subprocess.run([str(part) for part in command], cwd=cwd or self.folder, text=True,
                              env={**self.environment, **variables}, capture_output=True,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def must(self, *command, cwd=None, **variables):
        code, text = self.run(*command, cwd=cwd, **variables)
        if code != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: {text.strip()}")
        return text

    def embed(self, model, out, *options):
        return self.run(self.program, "embed", model, "--key", "owner.key", "-o", out, "--strength",
                        "0.03", "--shares", "1", *options)


def hashes(folder):
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path
            for path in sorted(folder.rglob("*")) if path.is_file()}


def make_repository(lab):
    lab.must(sys.executable, TOP / "tests" / "make_model.py", "model")
    lab.must(lab.program, "keygen", "owner.key")
    model = lab.folder / "model"
    lab.must("git", "init", "-q", cwd=model)
    lab.must("git", "lfs", "install", "--local", cwd=model)
    lab.must("git", "lfs", "track", "*.safetensors", cwd=model)
    lab.must("git", "add", "-A", cwd=model)
    lab.must("git", "commit", "-qm", "weights", cwd=model)
    return model


def problems_of_release(lab, model):
    """Sentences about what a release has beside marked weights and companions."""
    original = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    stored = hashes(model / ".git" / "lfs" / "objects")
    if original not in stored:
        return [f"git lfs keeps no copy of the weights: {sorted(stored)}"]
    code, text = lab.embed("model", "release")
    if code != 0:
        return [f"embed: exit code {code}: {text}"]
    release = lab.folder / "release"
    problems = [f"{path} is the unmarked original" for digest, path in hashes(release).items()
                if digest in stored]
    names = sorted(str(path.relative_to(release)) for path in release.rglob("*"))
    if names != FILES:
        problems.append(f"the release holds {names}")
    if "left out '.git': its name begins with a dot" not in text:
        problems.append(f"no note about .git: {text}")
    # The twin: copied on demand, the original is found by this test.
    lab.embed("model", "leaky", "--copy", ".git/lfs")
    if original not in hashes(lab.folder / "leaky"):
        problems.append("--copy .git/lfs does not bring the original along")
    return problems


def problems_of_pointer(lab, model):
    lab.must("git", "clone", "-q", model, "pointers", GIT_LFS_SKIP_SMUDGE="1")
    code, text = lab.embed("pointers", "out")
    refused = code == 2 and "Git LFS" in text and not (lab.folder / "out").exists()
    return [] if refused else [f"exit code {code}: {text}"]


def main():
    report = claims.Claims()
    program = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build" / "weightmark")
    missing = [name for name in ("git", "git-lfs") if not shutil.which(name)]
    if missing:
        for claim in (RELEASE, POINTER):
            report.skip(claim, f"no {missing[0]} here")
        sys.exit(report.finish())
    with tempfile.TemporaryDirectory(prefix="weightmark-lfs-") as folder:
        lab = Lab(pathlib.Path(folder), program.resolve())
        model = make_repository(lab)
        report.check(RELEASE, problems_of_release(lab, model))
        report.check(POINTER, problems_of_pointer(lab, model))
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
