// Products of bf16 matrices: every kernel that this processor has, against sums in double precision
// and against each other.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>

#include "stats/bf16/gemm.h"
#include "stats/bf16/kernel.h"
#include "tests/unit/stats/gaussian.h"

using namespace wmk::stats;

namespace {

float bf16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// Two left matrices in bf16, the right one (k x n) split in two: all terms that callers use.
struct Case {
  size_t m, n, k;
  std::vector<float> left, right;
  LeftOperand left_high, left_low;
  RightOperand high, low;

  Case(size_t m_, size_t n_, size_t k_)
      : m(m_),
        n(n_),
        k(k_),
        left(wmk::test::gaussian<float>(m * k, 1)),
        right(wmk::test::gaussian<float>(k * n, 2)) {
    left_high.resize(m, k);
    left_low.resize(m, k);
    for (size_t i = 0; i < m * k; ++i) {
      const Split split = split_bf16(left[i]);
      left_high.part(i / k, i % k / 32 * 32)[i % 32] = split.high;
      left_low.part(i / k, i % k / 32 * 32)[i % 32] = split.low;
    }
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

  std::vector<float> product(const Kernel& kernel, size_t terms, size_t rows, size_t first = 0,
                             size_t columns = 0) const {
    const Term all[] = {{&left_high, &high}, {&left_high, &low}, {&left_low, &high}};
    std::vector<float> c(rows * n, -1.0f);
    kernel.multiply(std::span(all, terms), first, rows, columns == 0 ? n : columns, c.data(), n);
    return c;
  }

  // The largest error of C, relative to the sum of sizes of the products; every seventh row.
  double error(const std::vector<float>& c) const {
    double worst = 0;
    for (size_t i = 0; i < m; i += 7) {
      for (size_t j = 0; j < n; ++j) {
        double sum = 0, size = 0;
        for (size_t x = 0; x < k; ++x) {
          const double term = static_cast<double>(left[i * k + x]) * right[x * n + j];
          sum += term;
          size += std::abs(term);
        }
        worst = std::max(worst, std::abs(c[i * n + j] - sum) / size);
      }
    }
    return worst;
  }
};

// Calls `check` with each kernel; what the processor lacks is a visible skip.
template <class Check>
void for_each_kernel(const char* what, const Check& check) {
  for (const Kernel& kernel : kernels()) {
    if (kernel.available()) {
      INFO(kernel.name);
      check(kernel);
    } else {
      std::printf("skip - stats: %s: this processor has no %s\n", what, kernel.needs);
    }
  }
}

}  // namespace

TEST_CASE("a float is its two bf16 parts to 2^-17", "[stats]") {
  for (float value : wmk::test::gaussian<float>(10000, 3)) {
    const Split split = split_bf16(value);
    CHECK(std::abs(bf16(split.high) + bf16(split.low) - value) <= std::abs(value) * 0x1p-17f);
  }
  CHECK(split_bf16(0.0f).high == 0);
  CHECK(split_bf16(1.5f).low == 0);
}

TEST_CASE("a product of split matrices equals the sum in double precision", "[stats]") {
  for (const auto& [m, n, k] : {std::tuple{32, 32, 32}, {64, 128, 576}, {256, 64, 320}}) {
    const Case given(m, n, k);
    for_each_kernel("split products", [&](const Kernel& kernel) {
      CHECK(given.error(given.product(kernel, 3, given.m)) < 2e-5);
      CHECK(given.error(given.product(kernel, 1, given.m)) > 2e-5);  // without the low parts
    });
  }
}

TEST_CASE("all kernels but amx give the same bits, those of the chain of gemm.h", "[stats]") {
  const Case given(64, 96, 608);
  std::vector<float> chain(given.m * given.n);
  const auto element = [&](size_t i, size_t x) {
    return bf16(given.left_high.part(i, x / 32 * 32)[x % 32]);
  };
  for (size_t i = 0; i < given.m; ++i) {
    for (size_t j = 0; j < given.n; ++j) {
      float c = 0;
      for (size_t step = 0; step < given.k; step += 32) {
        for (const RightOperand* right : {&given.high, &given.low}) {
          for (size_t x = step; x < step + 32; x += 2) {
            const uint32_t word = *right->word(x, j);
            c = c + element(i, x + 1) * bf16(static_cast<uint16_t>(word >> 16));
            c = c + element(i, x) * bf16(static_cast<uint16_t>(word));
          }
        }
      }
      chain[i * given.n + j] = c;
    }
  }
  for_each_kernel("the order of sums", [&](const Kernel& kernel) {
    const std::vector<float> c = given.product(kernel, 2, given.m);
    const bool same = std::memcmp(c.data(), chain.data(), c.size() * sizeof(float)) == 0;
    CHECK(same == (std::string(kernel.name) != "amx"));
    CHECK(given.error(c) < 2e-2);
  });
}

TEST_CASE("a row or column does not depend on how many are computed", "[stats]") {
  const Case given(128, 96, 288);
  for_each_kernel("parts of products", [&](const Kernel& kernel) {
    const std::vector<float> all = given.product(kernel, 3, 128);
    const std::vector<float> some = given.product(kernel, 3, 32, 64, 32);
    bool same = true;
    for (size_t i = 0; i < 32; ++i) {
      same = same && std::memcmp(&all[(64 + i) * given.n], &some[i * given.n], 32 * 4) == 0;
      same = same && some[i * given.n + 32] == -1.0f;  // not written
    }
    CHECK(same);
  });
}

TEST_CASE("the kernel in use is one that the processor has, the last one always is", "[stats]") {
  CHECK(kernel().available());
  CHECK(kernels().back().available());
  CHECK(std::string(kernels().back().name) == "portable");
}
