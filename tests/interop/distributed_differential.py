#!/usr/bin/env python3
"""Compares random checkpoints of torch.distributed.checkpoint with `weightmark inspect --json`.

distributed_differential.py [PATH/TO/weightmark]. Names, types and shapes must be equal; values are
compared by the unit tests on vectors. Needs the Python package torch; otherwise skipped.
"""
import random
import warnings

import differential
import torch_differential

CLAIM = "interop: inspect lists random distributed checkpoints of torch correctly"


def compare(program, folder, torch, dcp, seed):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    state, listed = torch_differential.state_dict(torch, rng)
    wrapped = rng.choice([{}, {"epoch": 3, "optimizer": {"state": {"w": torch.ones(3)}}}])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcp.save({**state, **wrapped}, checkpoint_id=str(folder / "model"), no_dist=True)
    document = differential.inspected(program, folder / "model")
    if document["format"] != "PyTorch distributed":
        return f"format {document['format']}"
    return differential.difference(document, listed, "torch")


if __name__ == "__main__":
    differential.main(CLAIM, ["torch", "torch.distributed.checkpoint"], compare)
