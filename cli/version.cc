#include "cli/version.h"

#include "base/text.h"
#include "stats/bf16/kernel.h"
#include "stats/gemm.h"

namespace wmk::cli {

std::string version_text() { return "weightmark " WMK_VERSION; }

std::string verbose_version_text() {
  std::string here, missing;
  for (const stats::Kernel& each : stats::kernels()) {
    std::string& names = each.available() ? here : missing;
    names += cat(names.empty() ? "" : ", ", each.name);
  }
  const auto choice = stats::kernel_choice();
  const char* reason = !choice          ? "the fastest here; WMK_KERNEL is wrong"
                       : choice->forced ? "chosen by WMK_KERNEL"
                                        : "the fastest here; WMK_KERNEL=NAME chooses another";
  return cat(version_text(), "\n  products of bf16 weights: ", stats::kernel().name, " (", reason,
             ")\n  kernels that this processor has: ", here,
             missing.empty() ? "" : cat("; it lacks: ", missing),
             "\n  other products: ", stats::gemm_library());
}

}  // namespace wmk::cli
