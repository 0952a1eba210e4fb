// Dense products by OpenBLAS, against a plain triple loop in double precision.
#include "stats/gemm.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "base/parallel.h"
#include "tests/unit/stats/gaussian.h"

using namespace wmk::stats;

TEST_CASE("concurrent products are correct", "[stats]") {
  // Debian's serial OpenBLAS alone fails this test: its working memory has no locks.
  const size_t m = 64, n = 96, k = 64;
  const std::vector<float> a = wmk::test::gaussian<float>(m * k, 6),
                           b = wmk::test::gaussian<float>(n * k, 7);
  const auto product = [&](std::vector<float>& c) {
    c.assign(m * n, 0.0f);
    gemm(Op::plain, Op::transposed, m, n, k, a.data(), k, b.data(), k, 0.0f, c.data(), n);
  };
  std::vector<float> expected;
  product(expected);
  std::vector<std::vector<float>> c(8);
  std::atomic<int> wrong{0};
  REQUIRE(wmk::parallel_for(40000, 8, [&](size_t, unsigned worker) -> wmk::Status {
    product(c[worker]);
    wrong += std::memcmp(c[worker].data(), expected.data(), m * n * sizeof(float)) != 0;
    return {};
  }));
  CHECK(wrong == 0);
}

TEST_CASE("float products take any transposition and stride", "[stats]") {
  const size_t m = 5, n = 7, k = 9;
  const std::vector<float> a = wmk::test::gaussian<float>(m * k, 4),
                           b = wmk::test::gaussian<float>(k * n, 5);
  std::vector<float> at(k * m), bt(n * k);
  for (size_t i = 0; i < m; ++i) {
    for (size_t x = 0; x < k; ++x) at[x * m + i] = a[i * k + x];
  }
  for (size_t x = 0; x < k; ++x) {
    for (size_t j = 0; j < n; ++j) bt[j * k + x] = b[x * n + j];
  }
  for (const Op op_a : {Op::plain, Op::transposed}) {
    for (const Op op_b : {Op::plain, Op::transposed}) {
      std::vector<float> c(m * n, 1.0f);
      gemm(op_a, op_b, m, n, k, op_a == Op::plain ? a.data() : at.data(), op_a == Op::plain ? k : m,
           op_b == Op::plain ? b.data() : bt.data(), op_b == Op::plain ? n : k, 2.0f, c.data(), n);
      for (size_t i = 0; i < m; ++i) {
        for (size_t j = 0; j < n; ++j) {
          double sum = 2.0;
          for (size_t x = 0; x < k; ++x) sum += static_cast<double>(a[i * k + x]) * b[x * n + j];
          CHECK(c[i * n + j] == Approx(sum).margin(1e-5));
        }
      }
    }
  }
}
