"""What stragglers and failures cost, by simulation of the order of work that the program has.

A stage is a shard: its blocks are taken from one queue by all processors, and the next stage begins
when the last block is done (embed/mark/stage_writer.cc). A failure ends the run; with --resume it
goes on behind the last shard that is finished, after verifying those. Pure functions of a seed.
"""
import heapq
import random


def stage_seconds(blocks, block_seconds, speeds):
    """When the last of `blocks` equal blocks is done; `speeds`: of each processor, 1 is full."""
    free = [(0.0, speed) for speed in speeds]
    heapq.heapify(free)
    end = 0.0
    for _ in range(blocks):
        at, speed = heapq.heappop(free)
        at += block_seconds / speed
        end = max(end, at)
        heapq.heappush(free, (at, speed))
    return end


def straggling(cores, blocks, slow_cores, slowness, own_parts=False):
    """How much longer a stage takes with slow processors. `own_parts`: as if each processor had a
    fixed part of the blocks, for comparison."""
    speeds = [1 / slowness] * slow_cores + [1.0] * (cores - slow_cores)
    even = stage_seconds(blocks, 1.0, [1.0] * cores)
    if own_parts:
        return slowness if slow_cores else 1.0
    return stage_seconds(blocks, 1.0, speeds) / even


def failing(shards, shard_seconds, verify_seconds, mean_seconds, resume, rng):
    """How long a run takes in all, if failures come at random, `mean_seconds` apart on average;
    None: it does not end within 1,000 times as long."""
    total, done = 0.0, 0
    whole = shards * shard_seconds
    while total < 1000 * whole:
        left = rng.expovariate(1 / mean_seconds)
        verify = verify_seconds * done if resume else 0.0
        needed = verify + (shards - done) * shard_seconds
        if left >= needed:
            return total + needed
        total += left
        if resume:
            done += max(0, int((left - verify) / shard_seconds)) if left > verify else 0
    return None


def failure_factor(shards, shard_seconds, verify_seconds, mean_seconds, resume, rounds=200):
    """Mean time in all over the time without failures; None: runs do not end."""
    rng = random.Random(7)
    times = [failing(shards, shard_seconds, verify_seconds, mean_seconds, resume, rng)
             for _ in range(rounds)]
    if None in times:
        return None
    return sum(times) / len(times) / (shards * shard_seconds)
