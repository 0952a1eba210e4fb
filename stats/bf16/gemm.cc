#include "stats/bf16/gemm.h"

#include "stats/bf16/kernel.h"

namespace wmk::stats {

void bf16_gemm(std::span<const Term> terms, float* c, size_t c_stride) {
  bf16_gemm_part(terms, 0, terms.front().left->m(), terms.front().right->n(), c, c_stride);
}

void bf16_gemm_part(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                    float* c, size_t c_stride) {
  kernel().multiply(terms, first, count, columns, c, c_stride);
}

}  // namespace wmk::stats
