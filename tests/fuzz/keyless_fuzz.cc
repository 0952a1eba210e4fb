// A keyless bundle with its log entries, of a model and of an artifact. What is only read after a
// valid signature is asked directly: the entry's body, its note, the certificate's timestamps.
#include "crypto/note.h"
#include "sign/bundle/envelope.h"
#include "sign/keyless/keyless.h"
#include "sign/keyless/rekor.h"
#include "sign/keyless/sct.h"
#include "tests/fuzz/support/seal_bench.h"

namespace {

using namespace wmk;

struct KeylessBench {
  KeylessBench() {
    auto text = read_text(WMK_SOURCE_DIR "/tests/vectors/sigstore/made.root.json", 1 << 20);
    auto read = sign::TrustedRoot::parse(text ? *text : "");
    auto own = sign::PublicKey::read(fuzz::oms_vector("p256.pub.pem"));
    if (!read || !own) std::abort();
    root = std::move(*read);
    key.emplace(std::move(*own));
  }
  sign::TrustedRoot root;
  std::optional<sign::PublicKey> key;
  sign::ExpectedIdentity identity{"signer@example.org", "https://accounts.example.org"};
};

void ask_parts(const KeylessBench& bench, const sign::Bundle& bundle,
               const sign::SignedContent& content) {
  sign::Findings findings;
  const ByteView certificate =
      bundle.certificates.empty() ? ByteView() : ByteView(bundle.certificates.front());
  const sign::BundleSignature signature{*bench.key, certificate, bundle.signature, content};
  for (const sign::LogEntry& entry : bundle.entries) {
    (void)sign::is_about(entry, signature, findings);
    (void)sign::has_valid_promise(entry, bench.root.logs.front(), findings);
    (void)sign::is_included(entry, bench.root.logs.front(), findings);
    if (!entry.proof) continue;
    const auto note = crypto::parse_note(entry.proof->checkpoint);
    if (note) (void)crypto::parse_checkpoint(note->text);
    (void)crypto::root_by_inclusion(crypto::tree_leaf(as_bytes(entry.body)), entry.index,
                                    entry.proof->size, entry.proof->path);
  }
  if (certificate.empty()) return;
  (void)sign::identity_issuer(certificate);
  const Bytes& issuer = bench.root.authorities.front().certificates.front();
  (void)sign::has_certificate_timestamp(certificate, issuer, bench.root.certificate_logs, findings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const KeylessBench bench;
  const auto input = fuzz::as_input(data, size);
  for (const bool artifact : {false, true}) {
    sign::Findings findings;
    const auto bundle = sign::parse_bundle(std::string(input), findings,
                                           {.log_entries = true, .artifact = artifact});
    if (!bundle || !*bundle) continue;
    sign::SignedContent content;
    if ((*bundle)->plain) {
      content.sha256 = Bytes(32);
    } else {
      content.message = sign::pre_authentication(sign::kPayloadType, (*bundle)->payload);
      content.payload = (*bundle)->payload;
    }
    ask_parts(bench, **bundle, content);
    sign::KeylessAnswer answer;
    sign::KeylessRequest request{**bundle, content, bench.root, bench.identity};
    if ((*bundle)->certificates.empty()) request.key = &*bench.key;
    (void)sign::verify_keyless(request, answer, findings);
  }
  return 0;
}
