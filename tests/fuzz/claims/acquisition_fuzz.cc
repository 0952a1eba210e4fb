// An untrusted acquisition file.
#include "claims/arbitrate/acquisition.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wmk;
  (void)claims::parse_acquisition(std::string(fuzz::as_input(data, size)));
  return 0;
}
