"""What measured speeds say about larger models and more processors: the tables of specs/scale.md.

Times are the largest of three: arithmetic (weights / (speed of a core x cores)), the disk and the
network, each at its bandwidth. Pure functions.
"""
import simulate

MODELS = {"72B": 72e9, "671B": 671e9, "1T": 1e12}
CORES = (1, 32, 512)
BYTES_OF_WEIGHT = 2
# Assumed, not measured: one NVMe drive, eight of them, 25 and 400 gigabits a second.
DISKS = {"one drive, 3 GB/s": 3e9, "eight drives, 24 GB/s": 24e9}
NETWORKS = {"25 Gbit/s": 25e9 / 8, "400 Gbit/s": 400e9 / 8}
SHARD_BYTES = 4 << 30
BLOCK_BYTES = 8 << 20
HASH_BYTES_A_SECOND = 1.5e9  # SHA-256 on one core with SHA instructions (specs/speed.md)


def duration(seconds):
    if seconds < 100:
        return f"{seconds:.1f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def arithmetic_rows(speeds):
    """`speeds`: {command: weights a second and core}."""
    for command, speed in speeds.items():
        for model, weights in MODELS.items():
            times = [duration(weights / speed / cores) for cores in CORES]
            yield f"| {command} | {model} | {' | '.join(times)} |"


def bound_rows():
    """Reading a model once; embed also writes it once."""
    for name, speed in {**DISKS, **NETWORKS}.items():
        times = [duration(BYTES_OF_WEIGHT * weights / speed) for weights in MODELS.values()]
        yield f"| {name} | {' | '.join(times)} |"


def cores_to_saturate(speed, bandwidth):
    """How many processors keep up with `bandwidth`."""
    return bandwidth / (speed * BYTES_OF_WEIGHT)


def straggler_rows():
    blocks = SHARD_BYTES // BLOCK_BYTES
    for cores in CORES[1:]:
        for slowness in (2, 10):
            queue = simulate.straggling(cores, blocks, 1, slowness)
            parts = simulate.straggling(cores, blocks, 1, slowness, own_parts=True)
            yield (f"| {cores} | {slowness} times | {100 * (queue - 1):.0f} % "
                   f"| {100 * (parts - 1):.0f} % |")


def failure_rows(embed_speed):
    """1T with one drive, failures once in a quarter of an hour, an hour, six hours."""
    weights, drive = MODELS["1T"], next(iter(DISKS.values()))
    shards = int(weights * BYTES_OF_WEIGHT / SHARD_BYTES)
    for cores in CORES:
        marking = SHARD_BYTES / BYTES_OF_WEIGHT / embed_speed / cores
        hashing = SHARD_BYTES / HASH_BYTES_A_SECOND / cores
        shard = max(marking, 2 * SHARD_BYTES / drive) + hashing  # the journal's digest
        verify = max(hashing, SHARD_BYTES / drive)
        for hours in (.25, 1, 6):
            factors = [simulate.failure_factor(shards, shard, verify, 3600 * hours, resume)
                       for resume in (True, False)]
            words = ["never ends" if f is None else f"{f:.2f}" for f in factors]
            yield (f"| {cores} | {duration(shards * shard)} | {hours} h | {words[0]} "
                   f"| {words[1]} |")


def tables(speeds, embed_speed):
    """All tables as text. `embed_speed`: weights a second and core."""
    cores = " | ".join(f"{count} core{'s' if count > 1 else ''}" for count in CORES)
    models = " | ".join(MODELS)
    return "\n".join([
        f"| command | model | {cores} |", "|---|---|---|---|---|", *arithmetic_rows(speeds), "",
        f"| reading it once | {models} |", "|---|---|---|---|", *bound_rows(), "",
        "| cores | one of them is slower | a stage takes longer | with fixed parts |",
        "|---|---|---|---|", *straggler_rows(), "",
        "| cores | embed without failures | a failure every | factor with --resume | without |",
        "|---|---|---|---|---|", *failure_rows(embed_speed)])
