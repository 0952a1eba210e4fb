// An adapter merged with a base: adapter_config.json, a NUL byte, the weights file of the adapter.
#include "tests/fuzz/mutators.h"
#include "tests/fuzz/workbench.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned seed) {
  return wmk::fuzz::mutate_pair(data, size, size_max, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  static const std::string base = WMK_SOURCE_DIR "/tests/vectors/adapter/base.safetensors";
  const auto [config, weights] = wmk::fuzz::two_parts(wmk::fuzz::as_input(data, size));
  bench.put("adapter_config.json", config);
  bench.put("adapter_model.safetensors", weights);
  const auto merged = wmk::checkpoint::Checkpoint::open_merged(bench.folder(), base);
  if (merged) wmk::fuzz::explore(*merged);
  return 0;
}
