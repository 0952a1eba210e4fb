#!/usr/bin/env python3
"""Models behind a real nginx: answers are those of the model on the disk (specs/remote.md).

Needs nginx (tests/remote/web.py); without it all of this is skipped.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))

import claims
import web

PROGRAM = TOP / "build" / "weightmark"
SIZES = ("--files", "3")
TOKEN, SIGNATURE = "hf_0123456789", "f00d5ecret"
# The second server stands for a content network: it must not be shown the token.
HUB = f"""
    location /org/name/resolve/main/ {{
      if ($http_authorization != "Bearer {TOKEN}") {{ return 401; }}
      rewrite ^/org/name/resolve/main/(.*)$ http://127.0.0.1:{{ports[1]}}/marked/$1 redirect;
    }}
    location /signed/ {{
      if ($arg_signature != "{SIGNATURE}") {{ return 403; }}
      rewrite ^/signed/(.*)$ /marked/$1 break;
    }}
    location /whole/ {{ max_ranges 0; rewrite ^/whole/(.*)$ /marked/$1 break; }}
"""
CONTENT_NETWORK = """
    if ($http_authorization) { return 400; }
"""


class Models:
    """A model, its marked copy in several files, and the key."""

    def __init__(self, folder):
        self.folder = folder
        make = [sys.executable, TOP / "tests" / "make_model.py"]
        subprocess.run([*make, folder / "model", *SIZES], check=True)
        self.key = folder / "owner.key"
        run("keygen", self.key)
        run("embed", folder / "model", "--key", self.key, "--shares", "1", "--strength", "0.03",
            "-o", folder / "marked")
        self.record = folder / "marked.mark"


def run(*arguments, fine=(0, 1, 3), **environment):
    temporary = environment.pop("temporary", None)
    plain = {name: value for name, value in os.environ.items()
             if not name.lower().endswith("proxy")}
    if temporary:
        plain["TMPDIR"] = str(temporary)
    done = subprocess.run([str(word) for word in (PROGRAM, *arguments)], text=True,
                          env={**plain, **environment}, capture_output=True)
    if done.returncode not in fine:
        raise RuntimeError(f"{arguments}: {done.returncode}: {done.stderr}")
    return done


def answer(*arguments, **environment):
    """The document, without what differs from run to run."""
    document = json.loads(run(*arguments, "--json", "--quiet", **environment).stdout)
    network = document.pop("network", None)
    for name in ("seconds", "path", "suspect", "reference"):
        document.pop(name, None)
    if "model" in document:
        document["model"].pop("path")
        document["model"].pop("embedding")
    return document, network


def differences(local, remote):
    names = sorted(set(local) | set(remote))
    return [f"{name}: {local.get(name)!r}, over the network {remote.get(name)!r}"
            for name in names if local.get(name) != remote.get(name)]


def check_answers(report, models, site):
    with_record = ("--key", models.key, "--record", models.record)
    here, _ = answer("detect", models.folder / "marked", *with_record, "--full")
    there, _ = answer("detect", site.url("/marked/"), *with_record, "--full")
    report.check("remote: detect says the same as on the disk", differences(here, there))
    before = len(site.lines())
    there, network = answer("detect", site.url("/marked/"), *with_record)
    report.check("remote: the mark is conclusive, in the record's frame",
                 there["verdict"] == "conclusive" and there["frame"] == "recorded")
    size = sum(path.stat().st_size for path in (models.folder / "marked").glob("*.safetensors"))
    requests = len(site.lines()) - before
    report.check(f"remote: bytes and requests are counted ({requests} requests)",
                 network is not None and network["size"] > size
                 and 0 < network["bytes"] <= network["size"]
                 and 10 < network["requests"] <= requests)
    report.check("remote: without the record, too", differences(
        answer("detect", models.folder / "marked", "--key", models.key, "--full")[0],
        answer("detect", site.url("/marked"), "--key", models.key, "--full")[0]))
    index = "/marked/model.safetensors.index.json"
    report.check("remote: an index names the model", differences(
        here, answer("detect", site.url(index), *with_record, "--full")[0]))
    report.check("remote: a wrong key finds nothing", differences(
        *(answer("detect", model, "--key", models.folder / "wrong.key", "--readings", "declared",
                 "--full")[0]
          for model in (models.folder / "marked", site.url("/marked/")))))
    for command in ("inspect", "compare"):
        others = () if command == "inspect" else (models.folder / "model",)
        report.check(f"remote: {command} says the same as on the disk", differences(
            answer(command, models.folder / "marked", *others)[0],
            answer(command, site.url("/marked/"), *others)[0]))
    text = run("detect", site.url("/marked/"), *with_record, "--quiet").stdout
    report.check("remote: the text says how much was read", re.search(
        r"\n  read [\d.]+ [kMG]B of [\d.]+ [kMG]B over the network in \d+ requests\n", text)
        is not None)


def check_addresses(report, models, site):
    wanted = ("--key", models.key, "--record", models.record)
    hub = {"HF_ENDPOINT": site.url(""), "HF_TOKEN": TOKEN}
    done = run("detect", "hf://org/name", *wanted, **hub)
    report.check("remote: a repository is read with the token, which stays with the hub",
                 done.stdout.startswith("conclusive:") and not any(
                     line.split()[1] == "400" for line in site.lines()))
    report.check("remote: the token is not printed", TOKEN not in done.stdout + done.stderr)
    done = run("detect", "hf://org/name", *wanted, fine=(2,), **{**hub, "HF_TOKEN": "hf_wrong"})
    report.check("remote: a wrong token is an error", "status 401" in done.stderr
                 and "hf_wrong" not in done.stderr)
    signed = site.url(f"/signed/model.safetensors.index.json?signature={SIGNATURE}")
    for more in ((), ("--json",)):
        done = run("detect", signed, *wanted, *more)
        report.check(f"remote: a presigned address is read, its signature not printed {more}",
                     "conclusive" in done.stdout and SIGNATURE not in done.stdout + done.stderr)
    done = run("detect", signed.replace(SIGNATURE, "wrong5ignature"), *wanted, fine=(2,))
    report.check("remote: a wrong signature is an error and not printed",
                 "status 403" in done.stderr and "wrong5ignature" not in done.stderr)


def check_scan(report, models, site):
    """Two addresses that are shown alike; the second signature is wrong."""
    address = site.url(f"/signed/model.safetensors.index.json?signature={SIGNATURE}")
    address = address.replace("http://", "http://me:PASSW0RD@")
    listed, results = models.folder / "list", models.folder / "results.jsonl"
    listed.write_text(f"{address}\n{address}5\n", encoding="ascii")
    said = ""
    for more in ((), ("--json",)):
        done = run("scan", listed, "--key", models.key, "--record", models.record, "-o", results,
                   *more)
        said += done.stdout + done.stderr
    counts = json.loads(done.stdout)["answers"]
    report.check("remote: a scan tells addresses with different signatures apart",
                 counts["conclusive"] == 1 and counts["error"] == 1 and "(number 1)" in said)
    stored = results.read_text(encoding="utf-8")
    report.check("remote: a scan neither prints nor stores what is secret in them",
                 [secret for secret in (SIGNATURE, "PASSW0RD") if secret in said + stored])


def check_refusals(report, models, site):
    done = run("detect", site.url("/whole/"), "--key", models.key, fine=(2,))
    report.check("remote: a server without ranges is an error with advice",
                 "does not serve ranges of bytes" in done.stderr
                 and "hint: download the model" in done.stderr)
    done = run("detect", site.url("/nowhere/"), "--key", models.key, fine=(2,))
    report.check("remote: nothing there is an error that names the address",
                 site.url("/nowhere/model.safetensors") in done.stderr)
    address, out = site.url("/marked/"), models.folder / "out"
    for command in (("embed", address, "--key", models.key, "-o", out),
                    ("attack", "rotate", address, "-o", out),
                    ("verify", address, "--signature", "s", "--public-key", "k"),
                    ("sign", address, "--private-key", "k", "--signature", "s")):
        done = run(*command, fine=(2,))
        report.check(f"remote: {command[0]} refuses an address",
                     "this command needs the model on this disk" in done.stderr)


def make_cache(models):
    """What huggingface_hub leaves: files in blobs, links to them in a snapshot."""
    cache = models.folder / "cache"
    entry = cache / "models--org--name"
    for name in ("blobs", "refs", "snapshots/abc"):
        (entry / name).mkdir(parents=True)
    (entry / "refs" / "main").write_text("abc")
    for number, path in enumerate(sorted((models.folder / "model").iterdir())):
        shutil.copy(path, entry / "blobs" / str(number))
        (entry / "snapshots" / "abc" / path.name).symlink_to(f"../../blobs/{number}")
    return {"HF_HUB_CACHE": str(cache)}


def check_cache(report, models):
    cache, out = make_cache(models), models.folder / "from-cache"
    done = run("embed", "org/name", "--key", models.key, "--shares", "1", "--strength", "0.03",
               "-o", out, **cache)
    report.check("remote: embed copies what the links of the cache lead to", done.returncode == 0
                 and not [path for path in out.rglob("*") if path.is_symlink()])
    found = run("detect", out, "--key", models.key, "--record", models.folder / "from-cache.mark")
    report.check("remote: and the copy carries the mark", found.stdout.startswith("conclusive:"))
    here = answer("compare", "org/name", models.folder / "model", **cache)[0]
    report.check("remote: a repository in the cache is read by its name",
                 here["verdict"] == "derived")
    done = run("sign", "org/name", "--private-key", "k", "--signature", "s", fine=(2,), **cache)
    report.check("remote: sign says how to copy a repository of the cache",
                 "hint: copy it first: cp -rL" in done.stderr)
    done = run("inspect", "org/other", fine=(2,), **cache)
    report.check("remote: a repository that is not there has advice",
                 "hint: hf://org/other@main reads it over the network" in done.stderr)


def check_folders(report, models, site):
    temporary = models.folder / "temporary"
    temporary.mkdir()
    left = temporary / "weightmark-remote-killed"
    left.mkdir(mode=0o700)
    (left / "config.json").write_text("{}")
    run("inspect", site.url("/marked/"), temporary=temporary)
    run("inspect", site.url("/nowhere/"), temporary=temporary, fine=(2,))
    report.check("remote: no temporary folder is left, not even by a run that was killed",
                 not list(temporary.iterdir()))


def main():
    report = claims.Claims()
    program = web.find_nginx()
    if program is None:
        report.skip("remote: models behind a web server", "there is no nginx")
        return report.finish()
    with tempfile.TemporaryDirectory(prefix="wmk-remote-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        models = Models(folder)
        run("keygen", folder / "wrong.key")
        with web.Web(program, folder / "nginx", folder, (HUB, CONTENT_NETWORK)) as site:
            check_answers(report, models, site)
            check_addresses(report, models, site)
            check_scan(report, models, site)
            check_refusals(report, models, site)
            check_folders(report, models, site)
        check_cache(report, models)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
