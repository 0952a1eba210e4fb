"""weightmark for Python says what `weightmark --json` says. Run by pytest."""
import json
import pathlib
import shutil
import subprocess
import sys

import numpy
import pytest

import weightmark

TOP = pathlib.Path(__file__).resolve().parents[2]
OMS = TOP / "tests" / "vectors" / "oms"


def program(*words, codes=(0,)):
    """The JSON that the program prints."""
    done = subprocess.run([sys.executable, "-m", "weightmark", *map(str, words), "--json"],
                          capture_output=True, text=True, check=False)
    assert done.returncode in codes, done.stderr
    return json.loads(done.stdout)


def agree(document, value, names):
    for name in names.split():
        assert document[name] == getattr(value, name), name


def test_detect(marked, key, key_file):
    document = program("detect", marked, "--key", key_file, "--full")
    found = weightmark.detect(marked, key=key, full=True)
    agree(document, found, "verdict z log10_p price expected_z reading claim")


def test_inspect(model):
    document = program("inspect", model, "--tensors")
    found = weightmark.inspect(model)
    agree(document, found, """format files family model_type quantisation parameters
        active_parameters bytes layers width experts experts_per_token context vocabulary
        tied_embeddings gated units labels named_tokens notices_cut""")
    agree(document["heads"], found.heads,
          "layers count query_heads kv_heads value_size weights missing")
    agree(document["mark"], found, "weights strength shares")
    ffn, _heads, output = found.sites
    assert document["mark"]["expected_z"] == ffn.expected_z
    head = document["output_head"]
    assert (head["rows"], head["pairs"]) == (found.output_rows, found.output_pairs)
    assert (head["markable"], head["expected_z"]) == (not output.not_marked, output.expected_z)
    assert document["roles"] == {each.name: {"tensors": each.tensors, "elements": each.elements,
                                             "bytes": each.bytes} for each in found.roles}
    assert [each["name"] for each in document["tensors"]] == [each.name for each in found.tensors]
    assert [each["role"] for each in document["tensors"]] == [each.role for each in found.tensors]


def test_trace(model, key, key_file, tmp_path):
    copy, ids = tmp_path / "copy", ["bob", "alice", "carol"]
    weightmark.embed(model, copy, key=key, licensee="alice", strength=0.03, shares=1)
    (tmp_path / "ids").write_text("\n".join(ids))
    register = tmp_path / "register"
    subprocess.run([sys.executable, "-m", "weightmark", "licensees", register, "--add",
                    tmp_path / "ids", "--key", key_file], check=True, capture_output=True)
    document = program("trace", copy, "--key", key_file, "--licensees", tmp_path / "ids")
    found = weightmark.trace(copy, key=key, licensees=ids)
    assert found and found.named == 1 and found.licensees[0].id == "alice"
    assert found == weightmark.trace(copy, key=key, licensees=tmp_path / "ids")
    assert found == weightmark.trace(copy, key=key, register=register)
    agree(document, found, "verdict tested rounds price expected_z site reading weights key claim")
    assert len(document["licensees"]) == len(found.licensees)
    for each, value in zip(document["licensees"], found.licensees):
        agree(each, value, "id z log10_p verdict round price z_ffn z_output")
    assert not weightmark.trace(copy, key=weightmark.Key.generate(), licensees=ids)
    with pytest.raises(weightmark.Error):
        weightmark.trace(copy, key=key)


def test_compare(model, marked):
    document = program("compare", marked, model, "--also", model, "--by-expert")
    found = weightmark.compare(marked, model, also=[model])
    assert found and found.seed == document["seed"]
    agree(document, found, "verdict reason notices_cut")
    assert document["direction"] == (found.direction or None)
    names = "name statistic value log10_p note family kind null effect hypotheses stands_out"
    for each, value in zip(document["tests"], found.tests, strict=True):
        agree(each, value, names)
        assert each["verdict"] == value.outcome and each["gauge"] == value.basis
    for each, value in zip(document["families"], found.families, strict=True):
        agree(each, value, "name comparable hit null log10_p reason")
    for each, value in zip(document["experts"], found.experts, strict=True):
        agree(each, value, "layer expert shared sampled share")
    assert document["parents"]["explained"] == found.explained
    assert {each["path"]: each["weight"] for each in document["parents"]["compared"]} == {
        each.path: each.weight for each in found.parents if not each.missing}


def test_sign_and_verify(model, tmp_path):
    copy = shutil.copytree(model, tmp_path / "model")
    document = program("sign", copy, "--private-key", OMS / "p256.key.pem", "--signature",
                       tmp_path / "a.sig")
    made = weightmark.sign(copy, private_key=OMS / "p256.key.pem", signature=tmp_path / "b.sig")
    agree(document, made, "key curve root covered_files covered_bytes")
    for name in ("a.sig", "b.sig"):
        found = weightmark.verify(copy, signature=tmp_path / name,
                                  public_key=OMS / "p256.pub.pem")
        assert found and found.root == made.root and found.signature_holds
    (copy / "more.txt").write_text("more")
    (copy / "config.json").write_text("{}")
    words = ["--signature", tmp_path / "b.sig", "--public-key", OMS / "p256.pub.pem"]
    document = program("verify", copy, *words, codes=(1,))
    found = weightmark.verify(copy, signature=tmp_path / "b.sig", public_key=OMS / "p256.pub.pem")
    assert not found and {each.code for each in found.reasons} >= {"file_extra", "file_differs"}
    agree(document, found, """signature_holds signed_name root signed_files covered_files
        covered_bytes ignore_paths notes""")
    assert document["signer"]["key"] == found.key
    for each, value in zip(document["reasons"], found.reasons, strict=True):
        agree(each, value, "code path text")
    for each, value in zip(document["uncovered"], found.uncovered, strict=True):
        agree(each, value, "path files bytes why")
    with pytest.raises(weightmark.Error):
        weightmark.sign(copy, private_key=OMS / "sealed.key.pem", signature=tmp_path / "c.sig")


def test_detect_logits(tmp_path, key, key_file):
    model, marked, file = tmp_path / "model", tmp_path / "marked", tmp_path / "logits.npy"
    subprocess.run([sys.executable, TOP / "tests" / "make_model.py", model, "--hidden", "64",
                    "--vocabulary", "6000"], check=True)
    weightmark.embed(model, marked, key=key, strength=0.03, shares=1)
    subprocess.run([sys.executable, TOP / "tests" / "make_logits.py", marked, file], check=True)
    document = program("detect", "--logits", file, "--tokenizer", model, "--key", key_file)
    found = weightmark.detect_logits(file, tokenizer=model, key=key)
    assert found
    agree(document, found, """verdict z log10_p price reading rows columns rank rank_by_spectrum
        pairs shares claim key""")
    for each, value in zip(document["readings"], found.readings, strict=True):
        agree(each, value, "reading z price rank")
        assert each["fault"] == (value.fault or None)
    array = numpy.load(file)
    assert weightmark.detect_logits(array, tokenizer=model, key=key) == found
    assert weightmark.detect_logits(memoryview(array), tokenizer=model, key=key) == found
    assert weightmark.detect_logits(array, tokenizer=model / "tokenizer.json", key=key) == found
    order = numpy.random.default_rng(1).permutation(6000)
    other = weightmark.detect_logits(array[:, order], token_ids=order, tokenizer=model, key=key)
    assert other.z == pytest.approx(found.z, abs=1e-3)
    assert not weightmark.detect_logits(array, tokenizer=model, key=weightmark.Key.generate())
    with pytest.raises(weightmark.Error):
        weightmark.detect_logits(array[0], tokenizer=model, key=key)
