// One safetensors file.
#include "tests/fuzz/support/mutators.h"
#include "tests/fuzz/support/workbench.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned seed) {
  return wmk::fuzz::mutate_safetensors(data, size, size_max, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  wmk::fuzz::open_and_explore(bench.put("model.safetensors", input));
  return 0;
}
