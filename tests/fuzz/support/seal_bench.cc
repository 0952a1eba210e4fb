#include "tests/fuzz/support/seal_bench.h"

#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/envelope.h"
#include "sign/seal.h"

namespace wmk::fuzz {

namespace {

// A test vector that cannot be read is an error of the setup.
template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().message().c_str());
  std::_Exit(3);
}

}  // namespace

std::filesystem::path oms_vector(std::string_view name) {
  return std::filesystem::path(WMK_SOURCE_DIR "/tests/vectors/oms") / name;
}

sign::TrustAnchors anchors(std::initializer_list<std::string_view> names) {
  std::vector<std::filesystem::path> files;
  for (const std::string_view name : names) files.push_back(oms_vector(cat(name, ".crt.pem")));
  return {must(sign::read_certificates(files))};
}

SealBench::SealBench()
    : key_(must(sign::PrivateKey::read(oms_vector("p256.key.pem"), nullptr))),
      public_(must(sign::PublicKey::read(oms_vector("p256.pub.pem")))),
      roots_(anchors({"root"})),
      authorities_(anchors({"tsa-root"})) {
  std::filesystem::create_directory(folder() / "simple");
  put("simple/signme-1", "signme-1\n");
  put("simple/signme-2", "signme-2");
  put_vector("simple/model.safetensors", "adapter/base.safetensors");
  sign::SealRequest seal;
  seal.model = folder() / "simple";
  seal.signature = folder() / "it.sig";
  seal.key = &key_;
  good_seal_ = must(sign::seal_model(seal)).bundle;
  by_key_.model = by_certificate_.model = seal.model;
  by_key_.signature = by_certificate_.signature = seal.signature;
  by_key_.key = &public_;
  by_key_.ignore_unsigned_files = by_key_.allow_symlinks = true;
  by_certificate_.anchors = &roots_;
  by_certificate_.authorities = &authorities_;
}

void SealBench::ask(sign::VerifyRequest& request) {
  const auto verification = sign::verify_model(request);
  if (!verification) return;
  // Names show what is listed twice or sorted wrongly.
  for (const sign::Reason& reason : verification->findings.reasons) (void)escaped(reason.text);
}

void SealBench::ask_by_key(std::string_view bundle, bool legacy) {
  put("it.sig", bundle);
  by_key_.legacy = legacy;
  ask(by_key_);
  by_key_.legacy = false;
}

void SealBench::ask_by_certificate(std::string_view bundle) {
  put("it.sig", bundle);
  ask(by_certificate_);
}

void SealBench::ask_with_statement(std::string_view statement) {
  put("it.sig", good_seal_);
  by_key_.release = put("it.sigstore.jsonl", statement);
  by_key_.tensors = true;
  ask(by_key_);
  by_key_.release.clear();
  by_key_.tensors = false;
}

std::string SealBench::signed_bundle(std::string_view payload, bool legacy) const {
  const std::string message = legacy ? sign::legacy_pre_authentication(sign::kPayloadType, payload)
                                     : sign::pre_authentication(sign::kPayloadType, payload);
  sign::Bundle bundle;
  bundle.payload = payload;
  bundle.hint = public_.hint();
  bundle.signature = must(key_.sign(as_bytes(message)));
  return sign::bundle_text(bundle);
}

}  // namespace wmk::fuzz
