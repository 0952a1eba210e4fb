#!/usr/bin/env python3
"""docs/publish.yml: least rights, secrets by the environment alone, and its steps do what they say.

workflow.py [--program FILE]. The steps are run as a runner would, on a small model. Exit code 77
without PyYAML.
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
import python_venv  # noqa: E402

EXPRESSION = re.compile(r"\$\{\{\s*([\w.]+)\s*\}\}")
OPENSSL_KEY = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]


def with_yaml():
    """Goes on under a Python that has PyYAML; False if there is none."""
    python = python_venv.with_modules({"yaml": "PyYAML"}, "yaml")
    if python and str(python) != sys.executable:
        os.execv(python, [str(python), *sys.argv])
    return bool(python)


def rights_problems(workflow):
    """What a reviewer of a workflow looks for."""
    job = workflow["jobs"]["publish"]
    problems = [] if workflow["permissions"] == {} else ["it has permissions"]
    for step in job["steps"]:
        if EXPRESSION.search(step.get("run", "")):
            problems.append(f"{step['name']}: an expression in a command")
        if "uses" in step:
            problems.append(f"{step['name']}: an action of somebody else")
        if "secrets." in str(step) and step["name"] != "Keys":
            problems.append(f"{step['name']}: it has secrets")
    if "secrets." in str(job.get("env")) or job["steps"][-1].get("if") != "always()":
        problems.append("all steps have secrets, or the keys are not removed always")
    return problems


def filled(environment, values):
    return {name: EXPRESSION.sub(lambda match: values[match[1]], str(text))
            for name, text in (environment or {}).items()}


def run_steps(workflow, values):
    """[(name, exit code, output)]: after a failure only the steps that always run."""
    job, ran, failed = workflow["jobs"]["publish"], [], False
    for step in job["steps"]:
        if failed and step.get("if") != "always()":
            continue
        environment = {**os.environ, **filled(job["env"], values),
                       **filled(step.get("env"), values)}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
                               step["run"]], env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, check=False)
        failed = failed or done.returncode != 0
        ran.append((step["name"], done.returncode, done.stdout + done.stderr))
    return ran


def secrets(scratch):
    """A sealed mark key, its passphrase and a release key."""
    (scratch / "passphrase").write_text("correct horse\n")
    subprocess.run(["weightmark", "keygen", scratch / "owner.key", "--passphrase-file",
                    scratch / "passphrase"], check=True, capture_output=True)
    signing = subprocess.run(OPENSSL_KEY, check=True, capture_output=True, text=True).stdout
    return {"secrets.MARK_KEY": (scratch / "owner.key").read_text().strip(),
            "secrets.MARK_PASSPHRASE": "correct horse", "secrets.RELEASE_KEY": signing.strip()}


def check_run(workflow, scratch, report):
    subprocess.run([sys.executable, TOP / "tests" / "make_model.py", scratch / "model"], check=True,
                   capture_output=True)
    values = {**secrets(scratch), "inputs.model": str(scratch / "model"),
              "inputs.out": str(scratch / "out $(touch x)"), "inputs.previous": "",
              "inputs.licence": "apache-2.0", "inputs.strength": "0.03",
              "github.run_id": f"test-{os.getpid()}", "github.run_attempt": "1"}
    keys = pathlib.Path(filled(workflow["jobs"]["publish"]["env"], values)["KEYS"])
    ran = run_steps(workflow, values)
    report.check("workflow: every step succeeds on a small model",
                 [f"{name}: exit code {code}: {said[-300:]}" for name, code, said in ran if code])
    out = pathlib.Path(values["inputs.out"])
    wanted = ["model/config.json", "model.sig", "model.jsonl", "release.pub", "secret.mark",
              "mark.commitment.sigstore.json"]
    report.check("workflow: it leaves what its page names",
                 [f"no {name}" for name in wanted if not (out / name).exists()])
    said = "".join(output for _, _, output in ran)
    leaks = [name for name, text in values.items() if name.startswith("secrets.") and text in said]
    report.check("workflow: no secret is printed, and the keys are gone",
                 [f"printed: {name}" for name in leaks] + ["keys are left"] * keys.exists())

    closed = [name for name in (".", "release.pub") if (out / name).stat().st_mode & 0o055 == 0]
    report.check("workflow: what is for the public can be read by others", closed)
    check_again(workflow, values, keys, report)


def check_again(workflow, values, keys, report):
    """The same run once more, and then as its page says."""
    ran = run_steps(workflow, values)
    report.check("workflow: a folder that is there already stops it, and no keys are left",
                 [name for name, code, _ in ran if code] == ["Keys"] and len(ran) == 3
                 and "name a new folder" in ran[1][2] and not keys.exists())
    first = pathlib.Path(values["inputs.out"]) / "mark.commitment.sigstore.json"
    again = pathlib.Path(f"{values['inputs.out']} again")
    ran = run_steps(workflow, {**values, "inputs.out": str(again), "inputs.previous": str(first)})
    failed = [f"{name}: exit code {code}: {said[-300:]}" for name, code, said in ran if code]
    chain = subprocess.run(["weightmark", "commit", "verify", again / first.name, "--previous",
                            first, "--public-key", again / "release.pub"], capture_output=True,
                           text=True, check=False)
    report.check("workflow: a new folder and the commitment before it make a second release",
                 failed or ([] if chain.returncode == 0 else [chain.stdout + chain.stderr]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default=TOP / "build" / "weightmark")
    program = parser.parse_args().program.resolve()
    if not with_yaml():
        print("skip - workflow: PyYAML cannot be installed")
        return 77
    import yaml
    workflow = yaml.safe_load((TOP / "docs" / "publish.yml").read_text(encoding="utf-8"))
    os.environ["PATH"] = f"{program.parent}:{os.environ['PATH']}"
    os.umask(0o022)  # that of most runners
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="weightmark-workflow-"))
    report = claims.Claims()
    try:
        report.check("workflow: least rights", rights_problems(workflow))
        check_run(workflow, scratch, report)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
