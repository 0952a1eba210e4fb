// Dense products by OpenBLAS and on tiles, against a plain triple loop in double precision.
#include "stats/gemm.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/parallel.h"
#include "stats/tile_gemm.h"
#include "tests/unit/stats/gaussian.h"

using namespace wmk::stats;

namespace {

float bf16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// The left matrix in bf16, the right one (k x n) split in two, as project() does with weights.
struct TileCase {
  size_t m, n, k;
  std::vector<uint16_t> left;
  std::vector<float> right;
  RightOperand high, low;

  TileCase(size_t m_, size_t n_, size_t k_)
      : m(m_), n(n_), k(k_), right(wmk::test::gaussian<float>(k * n, 2)) {
    for (float value : wmk::test::gaussian<float>(m * k, 1)) left.push_back(split_bf16(value).high);
    high.resize(k, n);
    low.resize(k, n);
    for (size_t i = 0; i < k; i += 2) {
      for (size_t j = 0; j < n; ++j) {
        const Split even = split_bf16(right[i * n + j]);
        const Split odd = split_bf16(right[(i + 1) * n + j]);
        high.set_pair(i, j, even.high, odd.high);
        low.set_pair(i, j, even.low, odd.low);
      }
    }
  }
  std::vector<float> product(size_t rows) const {
    std::vector<float> c(rows * n, -1.0f);
    LeftOperand operand;
    operand.resize(rows, k);
    for (size_t i = 0; i < rows; ++i) operand.set_row(i, &left[i * k]);
    const Term terms[] = {{&operand, &high}, {&operand, &low}};
    tile_gemm(terms, c.data(), n);
    return c;
  }
};

}  // namespace

TEST_CASE("a float is its two bf16 parts to 2^-17", "[stats]") {
  for (float value : wmk::test::gaussian<float>(10000, 3)) {
    const Split split = split_bf16(value);
    CHECK(std::abs(bf16(split.high) + bf16(split.low) - value) <= std::abs(value) * 0x1p-17f);
  }
  CHECK(split_bf16(0.0f).high == 0);
  CHECK(split_bf16(1.5f).low == 0);
}

TEST_CASE("a tile product equals the sum in double precision", "[stats]") {
  if (!has_tiles()) {
    std::puts("skip - stats: tile products: this processor has no bf16 tiles");
    return;
  }
  for (const auto& [m, n, k] : {std::tuple{32, 32, 32}, {64, 128, 576}, {256, 64, 320}}) {
    const TileCase given(m, n, k);
    const std::vector<float> c = given.product(given.m);
    for (size_t i = 0; i < given.m; i += 7) {
      for (size_t j = 0; j < given.n; ++j) {
        double sum = 0, size = 0;
        for (size_t x = 0; x < given.k; ++x) {
          const double term =
              static_cast<double>(bf16(given.left[i * given.k + x])) * given.right[x * given.n + j];
          sum += term;
          size += std::abs(term);
        }
        CHECK(std::abs(c[i * given.n + j] - sum) <= 2e-5 * size);
      }
    }
  }
}

TEST_CASE("a row of a tile product does not depend on the number of rows", "[stats]") {
  if (!has_tiles()) return;
  const TileCase given(128, 64, 256);
  const std::vector<float> all = given.product(128);
  const std::vector<float> some = given.product(32);
  CHECK(std::memcmp(all.data(), some.data(), some.size() * sizeof(float)) == 0);
}

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
