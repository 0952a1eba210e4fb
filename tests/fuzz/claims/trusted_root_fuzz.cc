// A trusted root, and a good bundle verified with it.
#include "sign/bundle/envelope.h"
#include "sign/keyless/keyless.h"
#include "tests/fuzz/support/seal_bench.h"

namespace {

using namespace wmk;

sign::Bundle good_bundle() {
  auto text = read_text(WMK_SOURCE_DIR "/tests/vectors/sigstore/model.json", 1 << 20);
  sign::Findings findings;
  auto bundle = sign::parse_bundle(text ? *text : "", findings, {.log_entries = true});
  if (!bundle || !*bundle) std::abort();
  return std::move(**bundle);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const sign::Bundle bundle = good_bundle();
  static const sign::SignedContent content{
      sign::pre_authentication(sign::kPayloadType, bundle.payload), bundle.payload, {}};
  static const sign::ExpectedIdentity identity{"signer@example.org",
                                               "https://accounts.example.org"};
  const auto root = sign::TrustedRoot::parse(std::string(fuzz::as_input(data, size)));
  if (!root) return 0;
  sign::Findings findings;
  sign::KeylessAnswer answer;
  (void)sign::verify_keyless({bundle, content, *root, identity}, answer, findings);
  return 0;
}
