// Certificates and keys: as PEM files, as in bundles, and as a chain.
#include "sign/keys/certificate.h"
#include "tests/fuzz/support/seal_bench.h"

namespace {

void look_at(const std::vector<wmk::Bytes>& chain, const wmk::sign::TrustAnchors& roots) {
  using namespace wmk::sign;
  for (const wmk::Bytes& der : chain) {
    (void)view_certificate(der);
    (void)certified_key(der, "it");
  }
  (void)without_roots(chain);
  const ExpectedSubject expected{"CN=Example release", "release@example.org", true};
  Findings findings;
  (void)trusted_key({chain, roots, expected, {}}, findings);
  (void)trusted_key({chain, {chain}, {}, {1'592'000'000}}, findings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  static const wmk::sign::TrustAnchors roots = wmk::fuzz::anchors({"root"});
  const auto input = wmk::fuzz::as_input(data, size);
  const auto file = bench.put("it.pem", input);
  if (const auto read = wmk::sign::read_certificates({file})) look_at(*read, roots);
  const auto bytes = wmk::as_bytes(input);
  look_at({wmk::Bytes(bytes.begin(), bytes.end())}, roots);
  const auto key = wmk::sign::PublicKey::read(file);
  if (key) (void)key->hint();
  (void)wmk::sign::PrivateKey::read(file, nullptr);
  return 0;
}
