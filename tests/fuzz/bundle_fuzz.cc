// An untrusted bundle: as a seal, as a release statement, and as input for adding a timestamp.
#include "sign/bundle/bundle.h"
#include "sign/manifest/statement.h"
#include "tests/fuzz/support/seal_bench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static wmk::fuzz::SealBench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  bench.ask_by_key(input);
  bench.ask_by_certificate(input);
  bench.ask_with_statement(input);
  (void)wmk::sign::with_timestamp(std::string(input), wmk::as_bytes("token"));
  return 0;
}
