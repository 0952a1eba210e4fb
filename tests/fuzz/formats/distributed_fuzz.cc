// The description of a distributed checkpoint, beside the chunks of a test vector.
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  static const auto first = bench.put_vector("__0_0.distcp", "distributed/__0_0.distcp");
  static const auto second = bench.put_vector("__1_0.distcp", "distributed/__1_0.distcp");
  bench.put(".metadata", wmk::fuzz::as_input(data, size));
  wmk::fuzz::open_and_explore(bench.folder());
  return 0;
}
