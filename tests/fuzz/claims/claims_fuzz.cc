// An untrusted claims.jsonl, and whether its bundles belong together.
#include "claims/commit/pack.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wmk;
  sign::Findings findings;
  const auto lines = claims::read_claims(fuzz::as_input(data, size), findings);
  if (lines && *lines) claims::check_together(**lines, {}, findings);
  return 0;
}
