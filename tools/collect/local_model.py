"""Logits of a local transformers model: one forward pass a text, in float32 by default.

Nothing is downloaded and no code of the model's folder is run.
"""
import array
import hashlib
import pathlib

from . import texts
from .failure import Failure, shown

CHUNK = 1 << 22


def digests(folder):
    """{name: SHA-256} of the files of a folder."""
    out = {}
    for path in sorted(path for path in pathlib.Path(folder).iterdir() if path.is_file()):
        with open(path, "rb") as file:
            out[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return out


class LoadedModel:
    """A model of transformers and its tokenizer, in memory."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer

    def rows(self, piece, wanted, count):
        """For each end in `wanted`, in tokens, the logits behind it: one pass for all of them."""
        import torch
        ids = self.tokenizer(piece)["input_ids"]
        if len(ids) < count:
            raise Failure(f"a text has {len(ids)} tokens, fewer than the {count} rows of each")
        places = texts.ends(len(ids), count)
        with torch.inference_mode():
            tokens = torch.tensor([ids], device=self.model.device)
            logits = self.model(tokens).logits[0].float().cpu()
        for j in wanted:
            values = array.array("f", logits[places[j] - 1].numpy().tobytes())
            yield places[j], None, values


class LocalModel(LoadedModel):
    """The same, of a folder."""

    unit = "tokens"
    vocabulary = None  # the rows have as many columns as the head

    def __init__(self, folder, dtype, threads):
        self.folder, self.dtype = pathlib.Path(folder), dtype
        if not (self.folder / "config.json").is_file():
            raise Failure(f"{shown(str(folder))} is not the folder of a transformers model")
        try:
            import torch
            import transformers
        except ImportError as error:
            raise Failure(f"a local model needs torch and transformers: {error}",
                          "pip install torch transformers") from error
        transformers.utils.logging.set_verbosity_error()
        transformers.utils.logging.disable_progress_bar()
        if threads:
            torch.set_num_threads(threads)
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                self.folder, local_files_only=True, trust_remote_code=False)
            model = transformers.AutoModelForCausalLM.from_pretrained(
                self.folder, dtype=getattr(torch, dtype), local_files_only=True,
                trust_remote_code=False).eval()
        except Exception as error:  # transformers raises what its parts raise
            raise Failure(f"{shown(str(folder))}: {shown(str(error))}") from error
        super().__init__(model, tokenizer)
        self.versions = {"torch": torch.__version__, "transformers": transformers.__version__}

    def describe(self):
        return {"kind": "local-model", "folder": self.folder.resolve().name, "dtype": self.dtype,
                "files": digests(self.folder), "versions": self.versions}

    def clean(self, text):
        return shown(text)
