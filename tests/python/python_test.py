"""weightmark for Python: files and memory, torch and numpy, errors, Ctrl-C. Run by pytest."""
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import threading

import ml_dtypes
import numpy
import pytest

import weightmark

STRONG = {"strength": 0.02, "shares": 1}


def tensors_of(folder):
    """Tensors of a folder as writeable numpy arrays; ml_dtypes has numpy's bf16."""
    out = {}
    for file in sorted(folder.glob("*.safetensors")):
        data = bytearray(file.read_bytes())
        begin = 8 + int.from_bytes(data[:8], "little")
        for name, entry in json.loads(data[8:begin]).items():
            if name == "__metadata__":
                continue
            first, last = entry["data_offsets"]
            kind = {"BF16": ml_dtypes.bfloat16, "F32": numpy.float32}[entry["dtype"]]
            values = numpy.frombuffer(data[begin + first:begin + last], kind)
            out[name] = values.reshape(entry["shape"])
    return out


def test_files(marked, model, key):
    found = weightmark.detect(marked, key=key, by_layer=True)
    assert found and found.verdict == "conclusive" and found.claim == "theorem"
    assert found.groups and found.sites[0].weights > 0
    assert key.fingerprint in found.finding
    assert not weightmark.detect(model, key=key)
    assert not weightmark.detect(marked, key=weightmark.Key.generate())


def test_memory_is_equal_to_files(marked, model, key):
    tensors = tensors_of(model)
    addresses = {name: each.ctypes.data for name, each in tensors.items()}
    answer = weightmark.embed_(tensors, key=key, tokenizer=model, config=model, **STRONG)
    assert answer.bytes_written == 0 and answer.record == ""
    assert addresses == {name: each.ctypes.data for name, each in tensors.items()}
    written = tensors_of(marked)
    assert all(tensors[name].tobytes() == written[name].tobytes() for name in written)
    in_memory = weightmark.detect(tensors, key=key, tokenizer=model, config=model, full=True)
    in_files = weightmark.detect(marked, key=key, full=True)
    assert in_memory == in_files


def test_other_types_and_a_config_of_words(marked, key):
    tensors = {name: each.astype(numpy.float32) for name, each in tensors_of(marked).items()}
    config = json.loads((marked / "config.json").read_text())
    found = weightmark.detect(tensors, key=key, tokenizer=marked / "tokenizer.json", config=config)
    assert found


def test_tied_tensors_count_once(key, model):
    tensors = tensors_of(model)
    before = weightmark.detect(tensors, key=key, tokenizer=model, config=model, full=True)
    tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    after = weightmark.detect(tensors, key=key, tokenizer=model, config=model, full=True)
    assert before.z == after.z


def test_transformers_trains_a_marked_model(key, tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(1)
    config = transformers.LlamaConfig(
        vocab_size=512, hidden_size=128, intermediate_size=1024, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True)
    network = transformers.LlamaForCausalLM(config).to(torch.bfloat16)
    weightmark.embed_(network.state_dict(), key=key, config=config, **STRONG)
    before = weightmark.detect(network.state_dict(), key=key, config=config, full=True)
    assert before
    steps = torch.optim.AdamW(network.parameters(), lr=1e-4)
    for _ in range(5):
        tokens = torch.randint(0, 512, (4, 32))
        network(tokens, labels=tokens).loss.backward()
        steps.step()
        steps.zero_grad()
    after = weightmark.detect(network.state_dict(), key=key, config=config, full=True)
    assert after and after.z != before.z
    network.save_pretrained(tmp_path / "saved")
    saved = weightmark.detect(tmp_path / "saved", key=key, full=True)
    assert saved.z == pytest.approx(after.z, abs=1e-9)


def test_parts_give_the_answer_of_one_process(marked, key, tmp_path):
    files = [tmp_path / f"{i}.part" for i in (1, 2)]
    for i, file in enumerate(files):
        written = weightmark.write_part(marked, file, key=key, part=i + 1, parts=2, shares=1)
        assert written.scans > 0 and written.bytes_written == file.stat().st_size
        assert not written.faults
    found = weightmark.detect(marked, key=key, shares=1, parts=files)
    assert found == weightmark.detect(marked, key=key, shares=1, full=True)
    with pytest.raises(weightmark.Error, match="parts are missing"):
        weightmark.detect(marked, key=key, shares=1, parts=files[1:])


def test_keys(tmp_path):
    key = weightmark.keygen(tmp_path / "key", passphrase="words")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert weightmark.Key.read(str(tmp_path / "key"), "words").fingerprint == key.fingerprint
    with pytest.raises(weightmark.Error):
        weightmark.Key.read(str(tmp_path / "key"), "other words")
    with pytest.raises(weightmark.Error):
        weightmark.keygen(tmp_path / "key")
    plain = weightmark.keygen(tmp_path / "plain")
    assert repr(weightmark.Key.read(str(tmp_path / "plain"))) == f"<Key {plain.fingerprint}>"


def test_progress_is_told_and_its_exceptions_stop_the_run(model, key, tmp_path):
    told = []
    weightmark.detect(model, key=key, full=True, progress=lambda *words: told.append(words))
    assert told and all(done <= total for _, done, total, _ in told)

    def refuse(*_words):
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        weightmark.embed(model, tmp_path / "out", key=key, progress=refuse)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("calls", [1, 2, 3, 5, 8])
def test_a_comparison_stops_wherever_its_progress_raises(marked, model, calls):
    left = iter(range(calls))

    def refuse(*_words):
        if next(left, None) is None:
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        weightmark.compare(marked, model, progress=refuse)


def test_ctrl_c_stops_the_run_and_leaves_nothing(model, key, tmp_path):
    def press(*_words):
        os.kill(os.getpid(), signal.SIGINT)
        stop.wait(1)

    stop = threading.Event()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # the shell may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            weightmark.embed(model, tmp_path / "out", key=key, progress=press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not list(tmp_path.iterdir())


def test_the_program_is_there():
    done = subprocess.run([sys.executable, "-m", "weightmark", "--version"], capture_output=True,
                          text=True, check=True)
    assert done.stdout.startswith(f"weightmark {weightmark.__version__}")
