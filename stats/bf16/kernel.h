// The kernels for products of bf16 matrices, and which of them this process uses.
//
// Purpose: the fastest kernel that the processor has, unless the environment variable WMK_KERNEL
// names another one. Lifetime: chosen at the first call, for the whole process. Thread-safety:
// safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "stats/bf16/gemm.h"

namespace wmk::stats {

struct Kernel {
  const char* name;   // as in WMK_KERNEL
  const char* needs;  // the processor's extensions, in words
  bool (*available)();
  void (*multiply)(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                   float* c, size_t c_stride);
};

// All kernels that this program was built with, the fastest first. The last one is always
// available.
std::span<const Kernel> kernels();

// The kernel in use. If WMK_KERNEL is wrong (kernel_choice()), that is the fastest one.
const Kernel& kernel();

// In which order it sums: "amx" in its own, all others in "common" (specs/speed.md 2).
std::string_view order_of_sums();

struct KernelChoice {
  const Kernel* kernel;
  bool forced;  // by WMK_KERNEL
};
// Error: WMK_KERNEL names no kernel, or one that this processor does not have.
Result<KernelChoice> kernel_choice();

}  // namespace wmk::stats
