// The response of a timestamp authority, when it is attached and when it is verified. It should be
// about the signature of the seed bundles.
#include "sign/bundle/bundle.h"
#include "sign/keys/timestamp.h"
#include "tests/fuzz/support/seal_bench.h"

namespace {

struct Asked {
  Asked() {
    wmk::sign::Findings findings;
    auto text = wmk::read_text(wmk::fuzz::oms_vector("by-past-stamped.sig"), 1 << 20);
    auto bundle = wmk::sign::parse_bundle(text ? *text : "", findings);
    if (bundle && *bundle) signature = (*bundle)->signature;
  }
  wmk::Bytes signature;
  wmk::sign::TrustAnchors authorities = wmk::fuzz::anchors({"tsa-root", "tsa-two"});
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Asked asked;
  const auto response = wmk::as_bytes(wmk::fuzz::as_input(data, size));
  (void)wmk::sign::checked_response(response, asked.signature);
  const auto claimed = wmk::sign::claimed_time(response);
  if (claimed) (void)wmk::sign::time_text(*claimed);
  (void)wmk::sign::proven_time(response, asked.signature, asked.authorities);
  return 0;
}
