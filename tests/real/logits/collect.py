#!/usr/bin/env python3
"""Logits of a model over the text of this tree: collect.py MODEL OUT_DIR [FORM...].

Needs torch and transformers. Writes OUT_DIR/FORM.npy for each form, "plain" by default; "half",
every other token, is a safetensors file with their numbers.
"""
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

TOP = pathlib.Path(__file__).resolve().parents[3]
ROWS, CONTEXT, STEP = 640, 192, 2


def collect(folder):
    """ROWS x tokens: every second position of windows of CONTEXT tokens."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    text = "".join(path.read_text() for path in sorted((TOP / "specs").glob("*.md"))[:12])
    ids, rows = tokenizer(text)["input_ids"], []
    with torch.no_grad():
        for begin in range(0, len(ids) - CONTEXT, CONTEXT):
            window = torch.tensor([ids[begin:begin + CONTEXT]])
            rows.append(model(window).logits[0, ::STEP])
            if len(rows) * CONTEXT // STEP >= ROWS:
                break
    return torch.cat(rows)[:ROWS]


def rounded(logits):
    return (torch.log_softmax(logits.double(), dim=1) * 100).round().float() / 100


def biased(logits):
    return logits + 3 * torch.randn(logits.shape[1], generator=torch.Generator().manual_seed(1))


def tempered(logits):
    """A temperature of its own in each row."""
    return logits * (0.5 + torch.rand(len(logits), 1, generator=torch.Generator().manual_seed(2)))


def noisy(logits):
    return logits + 0.1 * torch.randn(logits.shape, generator=torch.Generator().manual_seed(3))


def cut(logits):
    """The lowest quarter of each row is raised to the largest of it, as where a list ends."""
    return torch.maximum(logits, logits.quantile(0.25, dim=1, keepdim=True))


FORMS = {"plain": lambda x: x, "few": lambda x: x[:300], "rounded": rounded,
         "tempered": tempered, "noisy": noisy, "cut": cut, "biased": biased,
         "bf16": lambda x: x.to(torch.bfloat16).float(),
         "half": lambda x: x[:, ::2].contiguous(),
         "softcapped": lambda x: 30 * torch.tanh(x / 30)}


def main():
    torch.set_num_threads(1)
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    logits = collect(sys.argv[1])
    for form in sys.argv[3:] or ["plain"]:
        values = FORMS[form](logits)
        if form != "half":
            np.save(out / f"{form}.npy", values.numpy())
            continue
        ids = torch.arange(0, logits.shape[1], 2)
        save_file({"logits": values, "token_ids": ids}, out / "half.safetensors")


if __name__ == "__main__":
    main()
