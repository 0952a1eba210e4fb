"""Licences of the libraries that a wheel brings along.

auditwheel copies shared libraries into a wheel, but not what their licences ask to be passed on
with them. Debian keeps that in /usr/share/doc/PACKAGE/copyright. Not thread-safe.
"""
import pathlib
import shutil
import subprocess
import sys


def _run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: {(done.stdout + done.stderr).strip()}")
    return done.stdout


def _stem(path):
    """The name up to the first dot: libsodium."""
    return path.name.split(".")[0]


def _libraries_of_system(folder):
    """{stem: path} of what the program and modules in the plain wheel load. A library has two
    names if its link has another one."""
    out = {}
    for path in (*folder.rglob("*.so"), *folder.glob("weightmark/bin/*")):
        for line in _run("ldd", path).splitlines():
            words = line.split()
            if len(words) > 2 and words[1] == "=>" and words[2].startswith("/"):
                path = pathlib.Path(words[2])
                out[_stem(path)] = out[_stem(path.resolve())] = path
    return out


def _package_of(library):
    """The Debian package of a file; links in the file's path and in dpkg's list may differ."""
    real = library.resolve()
    for path in (library, real, pathlib.Path(str(real).removeprefix("/usr"))):
        done = subprocess.run(["dpkg", "-S", str(path)], capture_output=True, text=True,
                              check=False)
        if done.returncode == 0:
            return done.stdout.splitlines()[0].split(": ")[0].split(":")[0]
    raise RuntimeError(f"{library} is of no Debian package")


def add_licences(python, plain, repaired, scratch):
    """Puts the copyright file of every bundled library into `repaired`, below its .dist-info.

    `python`: one that has the package wheel. `plain`: the wheel before auditwheel. Returns the
    names of the packages. RuntimeError if one has no copyright file.
    """
    _run(python, "-m", "wheel", "unpack", "-d", scratch / "plain-files", plain)
    _run(python, "-m", "wheel", "unpack", "-d", scratch / "files", repaired)
    [before], [files] = ((scratch / name).iterdir() for name in ("plain-files", "files"))
    libraries, packages = _libraries_of_system(before), set()
    for bundled in files.glob("weightmark.libs/*"):
        # auditwheel puts a digest behind the name: libsodium-1a2b3c4d.so.23.3.0
        stem = _stem(bundled).rpartition("-")[0]
        if stem not in libraries:
            raise RuntimeError(f"{bundled.name}: no library of the system has this name")
        packages.add(_package_of(libraries[stem]))
    [info] = files.glob("*.dist-info")
    (info / "licenses").mkdir(exist_ok=True)
    for package in packages:
        source = pathlib.Path("/usr/share/doc") / package / "copyright"
        shutil.copyfile(source, info / "licenses" / f"{package}.copyright")
    repaired.unlink()
    _run(python, "-m", "wheel", "pack", "-d", repaired.parent, files)
    return sorted(packages)


if __name__ == "__main__":
    sys.exit("bundled: see wheel.py")
