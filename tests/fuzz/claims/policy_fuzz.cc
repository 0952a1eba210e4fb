// Policies of logs and witnesses.
#include "claims/log/policy.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto policy = wmk::claims::Policy::parse(wmk::fuzz::as_input(data, size));
  if (!policy) return 0;
  std::vector<wmk::claims::Cosigned> all;
  for (const auto& witness : policy->witnesses()) all.push_back({witness.name, 0});
  // All witnesses together are a quorum of every policy.
  if (!policy->is_quorum(all)) __builtin_trap();
  if (policy->needs_witnesses() && policy->is_quorum({})) __builtin_trap();
  return 0;
}
