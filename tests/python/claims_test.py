"""arbitrate() for Python: the same answer as the program's. Run by pytest."""
import json
import pathlib
import subprocess
import sys

import pytest

import weightmark

PROGRAM = pathlib.Path(weightmark.__file__).parent / "bin" / "weightmark"


def program(folder, *words):
    done = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, text=True,
                          check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def case(marked, model, key_file, tmp_path_factory):
    """A claim of the marked model, with the arbitrator's trust."""
    folder = tmp_path_factory.mktemp("case")
    (folder / "trust" / "keys").mkdir(parents=True)
    public = folder / "trust" / "keys" / "claimant.pem"
    for words in (["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                   folder / "release.key"],
                  ["pkey", "-in", folder / "release.key", "-pubout", "-out", public]):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    for words in (["commit", model, "--key", key_file, "--private-key", "release.key",
                   "--strength", "0.02", "--shares", "1", "-o", "marks"],
                  ["disclose", "--key", key_file, "--private-key", "release.key", "--commitment",
                   "marks.commitment.sigstore.json", "--share", "0", "--to", "The court",
                   "--case", "1", "-o", "share.jsonl"],
                  ["claim", "pack", "claim", "share.jsonl", "--public-key", public],
                  ["claim", "acquire", marked, "--source", "https://example.org/suspect",
                   "--acquirer", "the court", "--vouched-by", "arbitrator", "--voucher",
                   "downloaded by the clerk", "--no-ancestors", "-o", "acquisition.json"]):
        code, _, errors = program(folder, *words)
        assert code == 0, errors
    return folder


def answers(case, **options):
    """What the program says, and what the function says."""
    words = [word for name, value in options.items()
             for word in ("--" + name.replace("_", "-"), value)]
    code, told, errors = program(case, "arbitrate", "--claim", "claim", "--trust", "trust",
                                 "--json", *words)
    assert code in (0, 1, 3), errors
    found = weightmark.arbitrate(case / "claim", trust=case / "trust", **options)
    return json.loads(told), found


def test_the_same_as_the_program(case, marked, model):
    for suspect in (marked, model):
        told, found = answers(case, suspect=suspect, acquisition=case / "acquisition.json")
        assert found.ruling == told["verdict"] and not found
        assert f"{found.finding}. {found.meaning}".endswith(told["finding"].split(". ")[-1])
        assert [(each.name, each.verdict, each.code, each.text) for each in found.findings] == [
            (each["name"], each["verdict"], each["code"], each["text"])
            for each in told["findings"]]
        assert found.link.z == pytest.approx(told["link"]["z"], rel=1e-6)
        assert found.weight.commitments == told["weight"]["commitments"]
        assert found.suspect_root == told["suspect_root"]
        signer = found.findings[0]
        assert signer.signer == "keys/claimant.pem" and signer.signer_role == "claimant"
    assert [each.verdict for each in found.findings if each.name == "link"] != ["pass"]


def test_the_mark_is_the_link(case, marked):
    found = weightmark.arbitrate(case / "claim", trust=case / "trust", suspect=marked)
    link = next(each for each in found.findings if each.name == "link")
    assert link.verdict == "pass" and found.link.verdict == "conclusive"
    # No log counts commitments and nobody vouches for the suspect.
    assert found.ruling == "undecided" and found.limits


def test_papers_of_another_key_are_refused(case, marked, tmp_path):
    (tmp_path / "keys").mkdir()
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-out", tmp_path / "k"], check=True,
                   capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", tmp_path / "k", "-pubout", "-out",
                    tmp_path / "keys" / "claimant.pem"], check=True, capture_output=True)
    found = weightmark.arbitrate(case / "claim", trust=tmp_path, suspect=marked)
    assert found.ruling == "refused" and found.link is None and found.suspect_root == ""


def test_requests_that_do_not_fit(case, marked):
    for options in ({}, {"suspect": marked, "logits": [case / "x.npy"]},
                    {"logits": [case / "x.npy"]},
                    {"suspect": marked, "counter_release": marked}):
        with pytest.raises(weightmark.Error) as caught:
            weightmark.arbitrate(case / "claim", trust=case / "trust", **options)
        assert caught.value.kind == "invalid_argument"
    with pytest.raises(weightmark.Error):
        weightmark.arbitrate(sys.executable, trust=case / "trust", suspect=marked)
