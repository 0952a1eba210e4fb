#!/usr/bin/env python3
"""Writes tests/vectors/distributed/ with torch: what two processes save together.

make_distributed_vectors.py, with torch 2.13. Tensors are cut along rows, along columns and not at
all; each holds 0, 1, 2, ... in its own type. `.metadata` is stored as `metadata.pickle`.
"""
import os
import pathlib
import shutil
import tempfile

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing as mp
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Replicate, Shard, distribute_tensor

OUT = pathlib.Path(__file__).resolve().parent / "distributed"
TENSORS = {"model.rows.weight": ((5, 4), torch.bfloat16, Shard(0)),
           "model.columns.weight": ((4, 6), torch.float32, Shard(1)),
           "model.experts.weight": ((2, 4, 3), torch.float16, Shard(1)),
           "model.norm.weight": ((7,), torch.float32, Replicate()),
           "model.bias": ((8,), torch.float32, Shard(0))}


def save(rank, folder):
    dist.init_process_group("gloo", rank=rank, world_size=2, init_method=f"file://{folder}/meet")
    mesh = init_device_mesh("cpu", (2,))
    model = {name: distribute_tensor(torch.arange(torch.Size(shape).numel()).reshape(shape)
                                     .to(dtype), mesh, [place])
             for name, (shape, dtype, place) in TENSORS.items()}
    state = {**model, "optimizer": {"state": {"step": torch.tensor(3.0)}}, "epoch": 2}
    dcp.save(state, checkpoint_id="model")
    dist.destroy_process_group()


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        mp.spawn(save, (folder,), nprocs=2)
        OUT.mkdir(exist_ok=True)
        for path in pathlib.Path(folder, "model").iterdir():
            shutil.copy(path, OUT / path.name.replace(".metadata", "metadata.pickle"))


if __name__ == "__main__":
    main()
