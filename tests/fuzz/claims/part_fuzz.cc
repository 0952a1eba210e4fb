// The content of a part of a detection, behind its seal, and its sums added up.
#include "embed/parts/part_file.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto part = wmk::embed::part_from(wmk::fuzz::as_input(data, size));
  if (!part) return 0;
  if (part->part < 1 || part->part > part->parts) __builtin_trap();
  wmk::embed::PartSums sums = wmk::embed::PartSums::merge_of(3);
  for (int i = 0; i < 3; ++i) {
    if (!sums.add(part->sums)) return 0;
  }
  for (const auto& [name, sum] : part->sums) {
    const auto* found = sums.find(name, 3 * sum.blocks);
    if (found == nullptr || found->plain.has_value() != sum.plain.has_value()) __builtin_trap();
  }
  return 0;
}
