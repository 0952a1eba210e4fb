"""All limits that the bench prints beside its measures. It checks none of them."""
EARLY, FULL = "detect, early stop", "detect --full, one share"
ONE, AUTOMATIC = "embed, one share", "embed, automatic"
UNMARKED_FULL = "detect --full, unmarked"  # the declared reading only
COMPARE = "compare, unrelated, width of 7B"  # two models, three bases

# By kernel, FFN alone, synthetic model: multiples of `openssl dgst -sha256` with SHA instructions
# on the same bytes, in the same run. For COMPARE: seconds on two cores.
BY_KERNEL = {"amx": {EARLY: .1, FULL: .35, ONE: 1.0, AUTOMATIC: 1.8, COMPARE: 30},
             "avx512bf16": {EARLY: .1, FULL: .45, ONE: 1.3, AUTOMATIC: 2.5, COMPARE: 40},
             "avx512": {EARLY: .15, FULL: .8, ONE: 2, AUTOMATIC: 5, COMPARE: 90},
             "avx2": {EARLY: .15, FULL: .8, ONE: 2, AUTOMATIC: 5, COMPARE: 90}}

# Processor time of one command in that of another.
NO_TO_FULL = 6.0           # a *no* after the usual readings
FULL_ALL_TO_FFN = 1.2      # all sites, relative to FFN alone
EMBED_ALL_TO_FFN = 1.4

OF_BF16_MIN = .5           # weights per second of an encoded type, relative to bf16
PEAK_BYTES_MAX = 400e6     # detect and embed, any size of this width
COMPARE_PEAK_BYTES = 1e9   # width of 7B
SIGN_TO_OPENSSL = 1.1
SIGN_TO_REFERENCE = 2
CARRY = {"seconds": 300, "peak_bytes": 600e6}  # 32 layers, width of 7B, two cores


def of(kernel, measure):
    """None: the measure is printed only."""
    return BY_KERNEL.get(kernel, {}).get(measure)
