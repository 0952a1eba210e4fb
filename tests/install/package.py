#!/usr/bin/env python3
"""Makes the Debian packages, installs them in a bare Debian 12 and uses them there.

package.py [--build FOLDER] [--base FOLDER]: `./run package` calls it after the build. lintian has
nothing to say; the headers' package serves a program outside of the tree; in a chroot that
debootstrap fills from apt's own mirror, apt installs the packages with what they depend on, and the
program marks a model and finds the mark. --base: a bare Debian 12 that is already there; it is
copied. Without root, debootstrap or mirror the chroot is skipped, with the reason.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import install
from install import TOP, claims, problems_of, run

NAMES = ("weightmark", "libweightmark0", "libweightmark-dev")
SUITE = "bookworm"
# What counts only for packages in Debian's own archive. The maintainer's address is set by whoever
# publishes packages (WMK_MAINTAINER); CPack of Debian 12 calls ldconfig beside its trigger.
DEBIAN_ONLY = ("initial-upload-closes-no-bugs", "bogus-mail-host",
               "bogus-mail-host-in-debian-changelog", "maintscript-calls-ldconfig")


def make_packages(build, report):
    """{name: path} of the packages that CPack writes."""
    out = build / "packages"
    shutil.rmtree(out, ignore_errors=True)
    done = run("cpack", "--config", build / "CPackConfig.cmake", "-B", out, cwd=build)
    found = {path.name.split("_")[0]: path for path in out.glob("*.deb")}
    wrong = problems_of(done) + [f"no {name}" for name in NAMES if name not in found]
    report.check("CPack writes three packages", wrong)
    return found


def check_lintian(packages, report):
    claim = "lintian finds no error and no warning"
    if not shutil.which("lintian"):
        report.skip(claim, "no lintian")
        return
    done = run("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
               ",".join(DEBIAN_ONLY), *packages.values())
    report.check(claim, problems_of(done) and done.stdout.splitlines())


def check_contents(packages, scratch, report):
    """The packages as files: what is in them, and whether a stranger can build with them."""
    for path in packages.values():
        run("dpkg-deb", "-x", path, scratch / "files")
    usr = scratch / "files" / "usr"
    wanted = ["bin/weightmark", "share/man/man1/weightmark-log.1.gz",
              "share/bash-completion/completions/weightmark",
              "share/zsh/vendor-completions/_weightmark",
              "share/fish/vendor_completions.d/weightmark.fish",
              "share/doc/weightmark/copyright", "share/doc/weightmark/specs/naming.md",
              "include/weightmark/detect.h"]
    report.check("program, pages, completions, papers and headers are in them",
                 [f"no {name}" for name in wanted if not (usr / name).is_file()])
    install.check_example(usr, scratch, report)
    depends = run("dpkg-deb", "-f", packages["weightmark"], "Depends").stdout
    wanted = ("libc6", "libopenblas0-pthread", "libsodium23", "libssl3", "libprotobuf32")
    report.check("the program's package depends on what the program is linked to",
                 [f"not on {name}: {depends}" for name in wanted if name not in depends])


def mirror():
    """Where apt gets this Debian from; None if apt does not know."""
    if not shutil.which("apt-get"):
        return None
    done = run("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)",
               "Created-By: Packages")
    for line in done.stdout.splitlines():
        words = line.split()
        if words[:2] == [SUITE, "main"]:
            return words[2]
    return None


def bare_debian(root, base):
    """Fills `root`; the reason why not, or None."""
    if os.geteuid() != 0:
        return "it needs root"
    if base:
        shutil.copytree(base, root, symlinks=True, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("dev", "proc", "sys"))
        return None
    url = mirror()
    if not shutil.which("debootstrap") or not url:
        return "no debootstrap" if url else f"apt knows no mirror of {SUITE}"
    done = run("debootstrap", "--variant=minbase", SUITE, root, url)
    return None if done.returncode == 0 else "debootstrap: " + done.stdout.strip()[-200:]


def apt_as_here(root):
    """The chroot reaches the mirror in the way that this machine does."""
    dump = run("apt-config", "dump", "Acquire").stdout
    (root / "etc" / "apt" / "apt.conf.d" / "90here").write_text(dump)
    for name in ("resolv.conf", "hosts"):
        if pathlib.Path("/etc", name).exists():
            shutil.copy(pathlib.Path("/etc", name).resolve(), root / "etc" / name)
    for name in ("dev", "proc", "sys"):
        (root / name).mkdir(exist_ok=True)
    if not (root / "dev" / "null").exists():
        run("mknod", "-m", "666", root / "dev" / "null", "c", "1", "3")
        run("mknod", "-m", "666", root / "dev" / "urandom", "c", "1", "9")


def use_in(root, report):
    """Commands in the chroot, each a claim."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                   "HOME": "/", "LC_ALL": "C.UTF-8"}

    def here(claim, command, wanted=0, says=""):
        done = run("chroot", root, "sh", "-c", command, env=environment)
        wrong = problems_of(done, wanted)
        if says not in done.stdout + done.stderr:
            wrong.append(f"it does not say {says!r}: {done.stdout[-200:]}")
        report.check(f"bare Debian 12: {claim}", wrong)
        return not wrong

    if not here("apt installs the packages",
                "apt-get update -qq && apt-get install -y -qq --no-install-recommends /debs/*.deb"):
        return
    here("the program names its version", "weightmark --version", says="weightmark 0.")
    here("the mark is made with a new key",
         "cd /model && weightmark keygen /owner.key && weightmark keygen /other.key && "
         "weightmark embed /model --key /owner.key --strength 0.03 --shares 1 -o /marked",
         says="marked: ")
    here("the mark is found", "weightmark detect /marked --key /owner.key", says="conclusive")
    done = run("chroot", root, "weightmark", "detect", "/marked", "--key", "/other.key",
               env=environment)
    report.check("bare Debian 12: another key finds no mark",
                 [] if done.returncode in (1, 3) else problems_of(done, 1))
    here("the demo finds its mark", "weightmark demo --quiet")
    here("the library is found by the linker's cache", "ldconfig -p", says="libweightmark.so.0")
    here("the packages go again", "apt-get remove -y -qq weightmark libweightmark0 && "
         "! command -v weightmark")


def check_chroot(packages, scratch, base, report):
    root = scratch / "root"
    reason = bare_debian(root, base)
    if reason:
        report.skip("the packages work in a bare Debian 12", reason)
        return
    apt_as_here(root)
    (root / "debs").mkdir()
    for path in packages.values():
        shutil.copy(path, root / "debs")
    run(sys.executable, TOP / "tests" / "make_model.py", root / "model")
    use_in(root, report)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build-package")
    parser.add_argument("--base", type=pathlib.Path)
    options = parser.parse_args()
    if not shutil.which("dpkg-shlibdeps"):
        print("skip - Debian packages: no dpkg-shlibdeps (dpkg-dev)")
        return 77
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-package-"))
    scratch.chmod(0o755)  # apt reads the packages as a user of its own
    report = claims.Claims()
    try:
        packages = make_packages(options.build.resolve(), report)
        if not report.failed:
            check_lintian(packages, report)
            check_contents(packages, scratch, report)
            check_chroot(packages, scratch, options.base, report)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for path in packages.values():
        print(f"{path.relative_to(TOP) if path.is_relative_to(TOP) else path}", file=sys.stderr)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
