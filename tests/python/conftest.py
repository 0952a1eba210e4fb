"""Models and keys that the tests of the package share."""
import pathlib
import subprocess
import sys

import pytest

import weightmark

TOP = pathlib.Path(__file__).resolve().parents[2]
STRONG = {"strength": 0.02, "shares": 1}


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "model"
    subprocess.run([sys.executable, TOP / "tests" / "make_model.py", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def key():
    return weightmark.Key.generate()


@pytest.fixture(scope="session")
def key_file(key, tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "owner.key"
    key.write(str(path), "")
    return path


@pytest.fixture(scope="session")
def marked(model, key, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "marked"
    answer = weightmark.embed(model, out, key=key, **STRONG)
    assert answer.key == key.fingerprint and answer.sites
    assert pathlib.Path(answer.record).exists()
    return out
