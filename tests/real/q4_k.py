"""Rounds rows to GGUF's Q4_K: blocks of 256 weights in eight parts with 6-bit scales and minima.

Rounds to nearest, with the range of each part: good enough to test reading and the effect of
rounding. specs/gguf.md defines the layout. Needs numpy.
"""
import numpy as np

BLOCK, PART, BYTES = 256, 32, 144
SIX_BITS, FOUR_BITS = 63, 15


def packed_scales(scales, minima):
    """Packs eight scales and eight minima of 6 bits into 12 bytes."""
    out = np.zeros((*scales.shape[:-1], 12), np.uint8)
    out[..., :4] = scales[..., :4] | (scales[..., 4:] >> 4 << 6)
    out[..., 4:8] = minima[..., :4] | (minima[..., 4:] >> 4 << 6)
    out[..., 8:] = scales[..., 4:] & 15 | (minima[..., 4:] & 15) << 4
    return out


def halves(values):
    return values.astype("<f2").view(np.uint8).reshape(*values.shape[:-1], 2)


def six_bit_integers(values):
    """The values of each block as integers up to 63, and the scale of the block as fp16."""
    step = (values.max(-1, keepdims=True) / SIX_BITS).astype("<f2")
    wide = step.astype(np.float32)
    whole = np.rint(np.divide(values, wide, out=np.zeros_like(values), where=wide > 0))
    return np.clip(whole, 0, SIX_BITS).astype(np.uint8), step


def quantized(values):
    """float32 of rows x columns -> bytes of rows; columns are a multiple of 256."""
    rows = values.shape[0]
    parts = values.reshape(rows, -1, BLOCK // PART, PART)
    low = np.minimum(parts.min(-1), 0)
    scales, d = six_bit_integers((parts.max(-1) - low) / FOUR_BITS)
    minima, dmin = six_bit_integers(-low)
    step = (scales * d.astype(np.float32))[..., None]
    shift = (minima * dmin.astype(np.float32))[..., None]
    codes = np.rint(np.divide(parts + shift, step, out=np.zeros_like(parts), where=step > 0))
    codes = np.clip(codes, 0, FOUR_BITS).astype(np.uint8)
    nibbles = codes[:, :, ::2] | codes[:, :, 1::2] << 4
    blocks = np.concatenate([halves(d), halves(dmin), packed_scales(scales, minima),
                             nibbles.reshape(rows, -1, BLOCK // 2)], -1)
    return blocks.reshape(rows, -1)
