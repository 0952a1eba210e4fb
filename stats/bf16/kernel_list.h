// The kernels themselves; see gemm.h for what they compute. Only kernel.cc calls them.
#pragma once

#include "stats/bf16/gemm.h"

namespace wmk::stats {

#if defined(__x86_64__)
// Also asks the operating system, which grants the tile registers on request.
bool has_amx();
bool has_avx512_bf16();
bool has_avx512();
bool has_avx2();
void multiply_amx(std::span<const Term> terms, size_t first, size_t count, size_t columns, float* c,
                  size_t c_stride);
void multiply_avx512_bf16(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                          float* c, size_t c_stride);
void multiply_avx512(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                     float* c, size_t c_stride);
void multiply_avx2(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                   float* c, size_t c_stride);
#endif
void multiply_portable(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                       float* c, size_t c_stride);

}  // namespace wmk::stats
