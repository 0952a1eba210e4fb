"""collect_logits: a small network of transformers, marked in memory, shows its mark in logits."""
import pathlib
import subprocess
import sys

import numpy
import pytest

import weightmark

TOP = pathlib.Path(__file__).resolve().parents[2]

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")


class Letters:
    """A tokenizer whose tokens are numbers of characters."""

    def __call__(self, text):
        return {"input_ids": [ord(letter) % 97 for letter in text]}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    config = transformers.LlamaConfig(
        vocab_size=6000, hidden_size=64, intermediate_size=256, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=False)
    return transformers.LlamaForCausalLM(config)


def test_collected_rows_are_those_of_the_forward_pass(network):
    network.train()
    rows = weightmark.collect_logits(network, Letters(), rows=10, rows_per_text=4, seed="a case")
    assert rows.shape == (10, 6000) and rows.dtype == "float32" and network.training
    same = weightmark.collect_logits(network, Letters(), rows=10, rows_per_text=4, seed="a case")
    assert (rows == same).all()
    text = "x" * 600
    given = weightmark.collect_logits(network, Letters(), rows=2, rows_per_text=2, texts=text)
    network.eval()
    with torch.inference_mode():
        ids = torch.tensor([Letters()(text)["input_ids"]])
        wanted = network(ids).logits[0, [299, 599]].numpy()
    assert abs(given - wanted).max() < 1e-4


def test_a_marked_network_shows_its_mark(network, key, tmp_path):
    named = tmp_path / "named"  # whose tokenizer names the tokens
    subprocess.run([sys.executable, TOP / "tests" / "make_model.py", named, "--hidden", "64",
                    "--vocabulary", "6000"], check=True)
    weightmark.embed_(network.state_dict(), key=key, tokenizer=named, config=network.config,
                      strength=0.03, shares=1)
    rows = weightmark.collect_logits(network, Letters(), rows=80, rows_per_text=8, seed="a case")
    assert weightmark.detect_logits(torch.from_numpy(rows), tokenizer=named, key=key)
    assert not weightmark.detect_logits(rows, tokenizer=named, key=weightmark.Key.generate())


def test_rows_are_those_of_the_tool(network, tmp_path):
    vocabulary = {letter: i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyz ?")}
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="?"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Split("", "isolated")
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?")
    tokenizer.save_pretrained(tmp_path / "network")
    network.save_pretrained(tmp_path / "network")
    subprocess.run([sys.executable, TOP / "tools" / "collect_logits.py", "local-model",
                    tmp_path / "network", "-o", tmp_path / "rows.npy", "--seed", "a case",
                    "--rows", "12", "--rows-per-text", "5"], check=True, capture_output=True)
    rows = weightmark.collect_logits(network, tokenizer, rows=12, rows_per_text=5, seed="a case")
    assert abs(rows - numpy.load(tmp_path / "rows.npy")).max() < 1e-4


def test_what_cannot_be_collected(network):
    for wrong in ({}, {"seed": "a", "texts": "b"}, {"texts": "too short"},
                  {"seed": "a", "rows": 1}):
        with pytest.raises(weightmark.Error) as caught:
            weightmark.collect_logits(network, Letters(), **wrong)
        assert caught.value.kind == "invalid_argument"
