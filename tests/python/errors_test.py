"""What a caller gets wrong is a weightmark.Error that says what to do. Run by pytest."""
import os

import numpy
import pytest

import weightmark


def refused(call, *words, kind="invalid_argument"):
    with pytest.raises(weightmark.Error) as caught:
        call()
    assert caught.value.kind == kind, caught.value
    assert all(word in caught.value.message for word in words), caught.value


def ones(kind="f4"):
    return numpy.ones((4, 4), kind)


def test_paths_and_strides(model, key, tmp_path):
    refused(lambda: weightmark.detect(tmp_path / "nothing", key=key), "nothing", kind="io")
    refused(lambda: weightmark.detect("", key=key), "neither a path nor tensors")
    refused(lambda: weightmark.detect({"x": [1, 2]}, key=key))
    with pytest.raises(weightmark.Error):
        weightmark.embed_({"x": numpy.zeros((4, 4), "f4").T[:, :2]}, key=key)
    with pytest.raises(weightmark.Error):
        weightmark.embed(model, model / "inside", key=key)


def test_no_tensors_and_no_model_in_the_folder_of_the_tokenizer(model, key, tmp_path):
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((model / name).read_bytes())
    for name in ("model.pth", "tf_model.h5"):
        (tmp_path / name).write_bytes(bytes(1000))
    refused(lambda: weightmark.detect({}, key=key, tokenizer=tmp_path), "no tensors")
    refused(lambda: weightmark.embed_({}, key=key, tokenizer=tmp_path), "no tensors")
    with weightmark._memory.described(tmp_path, tmp_path) as folder:
        assert sorted(os.listdir(folder)) == ["config.json", "tokenizer.json"]


def test_foreign_byte_order(key):
    refused(lambda: weightmark.detect({"x": ones(">f4")}, key=key), "byte order")
    refused(lambda: weightmark.embed_({"x": ones(">f4")}, key=key), "byte order")


def test_names_and_kinds(key):
    torch = pytest.importorskip("torch")
    refused(lambda: weightmark.detect({1: ones()}, key=key), "not a string")
    refused(lambda: weightmark.detect({"x": torch.ones(2, 2, device="meta")}, key=key), "meta")
    refused(lambda: weightmark.detect({"x": torch.ones(2, 2).to_sparse()}, key=key), "layout")
    refused(lambda: weightmark.embed_("model", key=key), "mapping")


def test_tokenizer_and_config(key):
    def ask(**words):
        return lambda: weightmark.detect({"x": ones()}, key=key, **words)

    refused(ask(tokenizer="/no/such"), "/no/such", kind="io")
    refused(ask(config="/no/such"), "/no/such", kind="io")
    refused(ask(tokenizer=3), "tokenizer", "int")
    refused(ask(config=[1]), "config", "list")
    refused(lambda: weightmark.collect_logits(len, "x", seed="1"), "transformers")


def test_one_path_where_several_may_stand(model, key, tmp_path):
    found = weightmark.detect(model, key=key, controls=str(model))
    assert len(found.controls) == 1
    refused(lambda: weightmark.detect(model, key=key, parts=str(tmp_path / "x.part")), "x.part",
            kind="io")
