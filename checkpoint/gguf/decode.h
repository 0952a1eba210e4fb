// Blocks of quantised weights as GGUF stores them, to floats.
//
// Purpose: one function for each type, bit-equal in f32 to the formula of specs/gguf.md; all have
// the form of DecodeBlocks (types.h). Thread-safety: pure functions.
#pragma once

#include <cstddef>

namespace wmk::checkpoint {

// Plain numbers (blocks of one), for tensors whose rows were reordered.
void decode_f32(const std::byte* blocks, size_t count, float* out);
void decode_f16(const std::byte* blocks, size_t count, float* out);
void decode_bf16(const std::byte* blocks, size_t count, float* out);

// One scale, or scale and minimum, for 32 weights (Q1_0: 128, Q2_0: 64).
void decode_q1_0(const std::byte* blocks, size_t count, float* out);
void decode_q2_0(const std::byte* blocks, size_t count, float* out);
void decode_q4_0(const std::byte* blocks, size_t count, float* out);
void decode_q4_1(const std::byte* blocks, size_t count, float* out);
void decode_q5_0(const std::byte* blocks, size_t count, float* out);
void decode_q5_1(const std::byte* blocks, size_t count, float* out);
void decode_q8_0(const std::byte* blocks, size_t count, float* out);

// 256 weights in groups of 16 or 32, whose scales are quantised too.
void decode_q2_k(const std::byte* blocks, size_t count, float* out);
void decode_q3_k(const std::byte* blocks, size_t count, float* out);
void decode_q4_k(const std::byte* blocks, size_t count, float* out);
void decode_q5_k(const std::byte* blocks, size_t count, float* out);
void decode_q6_k(const std::byte* blocks, size_t count, float* out);

// Four or eight weights at a time from a table, with separate signs.
void decode_iq1_s(const std::byte* blocks, size_t count, float* out);
void decode_iq1_m(const std::byte* blocks, size_t count, float* out);
void decode_iq2_xxs(const std::byte* blocks, size_t count, float* out);
void decode_iq2_xs(const std::byte* blocks, size_t count, float* out);
void decode_iq2_s(const std::byte* blocks, size_t count, float* out);
void decode_iq3_xxs(const std::byte* blocks, size_t count, float* out);
void decode_iq3_s(const std::byte* blocks, size_t count, float* out);

// Each weight is one of 16 values of a table.
void decode_iq4_nl(const std::byte* blocks, size_t count, float* out);
void decode_iq4_xs(const std::byte* blocks, size_t count, float* out);
void decode_mxfp4(const std::byte* blocks, size_t count, float* out);
void decode_nvfp4(const std::byte* blocks, size_t count, float* out);

// Each weight is -1, 0 or 1 times a scale.
void decode_tq1_0(const std::byte* blocks, size_t count, float* out);
void decode_tq2_0(const std::byte* blocks, size_t count, float* out);

}  // namespace wmk::checkpoint
