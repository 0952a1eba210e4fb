// One MindSpore checkpoint.
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  wmk::fuzz::open_and_explore(bench.put("model.ckpt", wmk::fuzz::as_input(data, size)));
  return 0;
}
