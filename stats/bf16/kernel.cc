#include "stats/bf16/kernel.h"

#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "stats/bf16/kernel_list.h"

namespace wmk::stats {

namespace {

bool always() { return true; }

constexpr Kernel kKernels[] = {
#if defined(__x86_64__)
    {"amx", "AMX-BF16 tiles", has_amx, multiply_amx},
    {"avx512bf16", "AVX-512 BF16", has_avx512_bf16, multiply_avx512_bf16},
    {"avx512", "AVX-512", has_avx512, multiply_avx512},
    {"avx2", "AVX2 and FMA", has_avx2, multiply_avx2},
#endif
    {"portable", "nothing", always, multiply_portable},
};

const Kernel& fastest() {
  const Kernel* found = kKernels;
  while (!found->available()) ++found;
  return *found;
}

std::string all_names() {
  std::string names;
  for (const Kernel& each : kKernels) names += cat(names.empty() ? "" : ", ", each.name);
  return names;
}

Result<KernelChoice> choose() {
  const char* wanted = std::getenv("WMK_KERNEL");
  if (wanted == nullptr || *wanted == '\0') return KernelChoice{&fastest(), false};
  for (const Kernel& each : kKernels) {
    if (std::string_view(wanted) != each.name) continue;
    if (each.available()) return KernelChoice{&each, true};
    return Error(ErrorCode::unsupported, cat("WMK_KERNEL is '", each.name, "', which needs ",
                                             each.needs, "; this processor does not have that"))
        .with_hint("'weightmark --version --verbose' lists the kernels that it has");
  }
  return Error(ErrorCode::invalid_argument,
               cat("WMK_KERNEL is '", escaped(wanted), "', which is not a kernel"))
      .with_hint(cat("the kernels are: ", all_names()));
}

const Result<KernelChoice>& chosen() {
  static const Result<KernelChoice> choice = choose();
  return choice;
}

}  // namespace

std::span<const Kernel> kernels() { return kKernels; }

const Kernel& kernel() {
  static const Kernel& used = chosen() ? *chosen()->kernel : fastest();
  return used;
}

Result<KernelChoice> kernel_choice() { return chosen(); }

std::string_view order_of_sums() {
  constexpr std::string_view kOwn = "amx";
  return kernel().name == kOwn ? kOwn : "common";
}

}  // namespace wmk::stats
