// A statement with a valid signature: of a seal, of version 0.2, and a release statement with its
// table of tensors.
#include "tests/fuzz/support/seal_bench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static wmk::fuzz::SealBench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  const std::string bundle = bench.signed_bundle(input);
  bench.ask_by_key(bundle);
  bench.ask_with_statement(bundle);
  bench.ask_by_key(bench.signed_bundle(input, true), true);
  // Its table, independent of the seal.
  wmk::sign::Findings findings;
  const auto release = wmk::sign::parse_release(std::string(input), findings);
  if (release) (void)wmk::sign::compare_tensors(release->tensors, {});
  return 0;
}
