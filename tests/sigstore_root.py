"""The trusted root of Sigstore's public instance: find() returns its path, or None.

$WMK_TRUSTED_ROOT, or the file inside the Python package sigstore, which pip downloads into build/
once. Not thread-safe.
"""
import os
import pathlib
import subprocess
import sys
import zipfile

TOP = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = "sigstore==4.0.0"
MEMBER = "sigstore/_store/https%3A%2F%2Ftuf-repo-cdn.sigstore.dev/trusted_root.json"
MISSING = ("no trusted root: set WMK_TRUSTED_ROOT, or let pip download the package sigstore")


def find():
    given = os.environ.get("WMK_TRUSTED_ROOT")
    if given:
        return pathlib.Path(given)
    folder = TOP / "build" / "sigstore"
    path = folder / "trusted_root.json"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                           "--dest", folder, PACKAGE], capture_output=True, check=False)
    wheels = list(folder.glob("sigstore-*.whl"))
    if done.returncode != 0 or not wheels:
        return None
    with zipfile.ZipFile(wheels[0]) as wheel:
        path.write_bytes(wheel.read(MEMBER))
    return path
