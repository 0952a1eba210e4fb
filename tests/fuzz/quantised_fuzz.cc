// A quantised model: config.json, a NUL byte, the weights file.
#include "tests/fuzz/support/mutators.h"
#include "tests/fuzz/support/workbench.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned seed) {
  return wmk::fuzz::mutate_pair(data, size, size_max, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  const auto [config, weights] = wmk::fuzz::two_parts(wmk::fuzz::as_input(data, size));
  bench.put("config.json", config);
  bench.put("model.safetensors", weights);
  wmk::fuzz::open_and_explore(bench.folder());
  return 0;
}
