"""The bench of `sign` and `verify`, compared with `openssl dgst -sha256` on as many files at once
and with the reference signer, if it can be installed. Ten sparse files of 500 MB. Not thread-safe.
"""
import os
import pathlib
import sys

import limits
import measure

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))
import python_venv  # noqa: E402

FILES, FILE_BYTES = 10, 500_000_000
VECTORS = TOP / "tests" / "vectors" / "oms"
REFERENCE = {"model_signing": "model-signing==1.1.1", "OpenSSL": "pyOpenSSL"}
OPENSSL, SIGN, VERIFY = "openssl dgst, all cores", "sign", "verify"
THEIRS = "the reference signer"


def make_files(folder):
    folder.mkdir()
    for number in range(FILES):
        with open(folder / f"model-{number:05}.safetensors", "wb") as file:
            file.truncate(FILE_BYTES)


def subjects(program, model, bundle):
    digest = f"printf '%s\\0' {model}/* | xargs -0 -P {os.cpu_count()} -n 1 openssl dgst -sha256"
    key, public = VECTORS / "p256.key.pem", VECTORS / "p256.pub.pem"
    out = {
        OPENSSL: lambda: measure.once(["sh", "-c", digest]),
        SIGN: lambda: measure.once([program, "sign", model, "--private-key", key, "--signature",
                                    bundle, "--force", "--quiet"]),
        VERIFY: lambda: measure.once([program, "verify", model, "--public-key", public,
                                      "--signature", bundle, "--quiet"]),
    }
    python = python_venv.with_modules(REFERENCE, "oms")
    if python is None:
        measure.note("the reference signer cannot be installed and is skipped")
    else:
        out[THEIRS] = lambda: measure.once([python.parent / "model_signing", "sign", "key", model,
                                            "--private_key", key, "--signature",
                                            bundle.with_suffix(".theirs")])
    return out


def run(program, folder, count):
    """The part of the document on signing."""
    measure.note(f"signing {FILES} sparse files of {FILE_BYTES // 1_000_000} MB")
    make_files(folder / "sealed")
    results = measure.rounds(subjects(program, folder / "sealed", folder / "it.sig"), count)
    rows = [{"measure": name, "seconds": measure.median(runs, "seconds"),
             "cpu_seconds": measure.median(runs, "cpu_seconds"),
             "peak_bytes": measure.median(runs, "peak_bytes")} for name, runs in results.items()]
    by_name = {row["measure"]: row["seconds"] for row in rows}
    for row in rows:
        row["times_openssl"] = row["seconds"] / by_name[OPENSSL]
        if THEIRS in by_name:
            row["times_faster_than_reference"] = by_name[THEIRS] / row["seconds"]
    return {"bytes": FILES * FILE_BYTES, "rows": rows}


def render(part):
    form = "{:<26} {:>8} {:>8} {:>6} {:>10} {:>12} {:>8}"
    lines = [f"{FILES} sparse files, together {part['bytes'] / 1e9:.0f} GB. Limits: "
             f"{limits.SIGN_TO_OPENSSL} x openssl, and {limits.SIGN_TO_REFERENCE} times as "
             "fast as the reference.", "",
             form.format("measure", "seconds", "cpu s", "GB/s", "x openssl", "x reference",
                         "peak MB")]
    for row in part["rows"]:
        faster = row.get("times_faster_than_reference")
        lines.append(form.format(
            row["measure"], f"{row['seconds']:.2f}", f"{row['cpu_seconds']:.2f}",
            f"{part['bytes'] / row['seconds'] / 1e9:.2f}",
            f"{row['times_openssl']:.2f}", "" if faster is None else f"{faster:.2f}",
            f"{row['peak_bytes'] / 1e6:.0f}"))
    return lines
