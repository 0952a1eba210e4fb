// Measures the kernels for products of bf16 (stats/bf16) and the float product, on one thread.
//
// kernel_bench: one line of JSON for each kernel that the processor has, with its speed in billions
// of operations a second (a product and a sum are two) on the shapes of a projection, and the speed
// of its arithmetic alone: the same piece of C, whose operands stay in the nearest cache.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "stats/bf16/kernel.h"
#include "stats/gemm.h"

namespace {

using namespace wmk::stats;

// The best of several rounds, in seconds a call.
double seconds_of(const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  call();
  for (int round = 0; round < 7; ++round) {
    const auto begin = Clock::now();
    int calls = 0;
    double spent = 0;
    do {
      call();
      ++calls;
      spent = std::chrono::duration<double>(Clock::now() - begin).count();
    } while (spent < 0.03);
    best = std::min(best, spent / calls);
  }
  return best;
}

struct Shape {
  size_t m, k, n;
  double operations() const { return 2.0 * static_cast<double>(m * k * n); }
};
constexpr Shape kPeak = {64, 256, 64};
constexpr Shape kShapes[] = {
    {256, 2048, 128}, {256, 4096, 512}, {1024, 4096, 256}, {64, 512, 2048}};

double speed_of(const Kernel& kernel, const Shape& shape) {
  LeftOperand left;
  RightOperand right;
  left.resize(shape.m, shape.k);
  right.resize(shape.k, shape.n);
  for (size_t i = 0; i < shape.m; ++i) {
    for (size_t k = 0; k < shape.k; ++k) left.part(i, k / 32 * 32)[k % 32] = 0x3F80;
  }
  for (size_t k = 0; k < shape.k; k += 2) {
    for (size_t j = 0; j < shape.n; ++j) right.set_pair(k, j, 0x3F80, 0xBF80);
  }
  std::vector<float> c(shape.m * shape.n);
  const Term term{&left, &right};
  return shape.operations() / 1e9 / seconds_of([&] {
           kernel.multiply({&term, 1}, 0, shape.m, shape.n, c.data(), shape.n);
         });
}

double float_speed(const Shape& shape) {
  std::vector<float> a(shape.m * shape.k, 1.0f), b(shape.k * shape.n, 1.0f), c(shape.m * shape.n);
  return shape.operations() / 1e9 / seconds_of([&] {
           gemm(Op::plain, Op::plain, shape.m, shape.n, shape.k, a.data(), shape.k, b.data(),
                shape.n, 0.0f, c.data(), shape.n);
         });
}

void print(const char* name, const std::function<double(const Shape&)>& speed) {
  std::printf("{\"kernel\": \"%s\", \"peak\": %.0f, \"shapes\": [", name, speed(kPeak));
  const char* comma = "";
  for (const Shape& shape : kShapes) {
    std::printf("%s{\"m\": %zu, \"k\": %zu, \"n\": %zu, \"speed\": %.0f}", comma, shape.m, shape.k,
                shape.n, speed(shape));
    comma = ", ";
  }
  std::printf("]}\n");
}

}  // namespace

int main() {
  for (const Kernel& kernel : kernels()) {
    if (!kernel.available()) continue;
    print(kernel.name, [&](const Shape& shape) { return speed_of(kernel, shape); });
  }
  print("float", float_speed);
}
