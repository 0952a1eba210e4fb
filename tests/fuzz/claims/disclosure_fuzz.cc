// An untrusted disclosure: as a file, and as statements with a valid signature.
#include "claims/commit/check.h"
#include "tests/fuzz/support/seal_bench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wmk;
  static fuzz::SealBench bench;
  const auto input = fuzz::as_input(data, size);
  (void)claims::check_disclosure(input, "", {});
  const auto [disclosure, commitment] = fuzz::two_parts(input);
  const std::string second = bench.signed_bundle(commitment);
  (void)claims::check_commitment(second, {});
  (void)claims::check_disclosure(bench.signed_bundle(disclosure) + second, "", {});
  // Independent of the commitment.
  sign::Findings findings;
  const auto read = claims::parse_disclosure(std::string(disclosure), findings);
  if (read) (void)claims::is_opened(read->opening, {});
  return 0;
}
