#include "claims/arbitrate/seal.h"

#include "base/file.h"
#include "base/text.h"

namespace wmk::claims {

namespace {

using sign::Code;

// Whether the bundle is keyless decides whether keys or identities are tried. A bundle that cannot
// be parsed is one that the keys refuse, with the reason.
Result<bool> is_keyless(const std::filesystem::path& file) {
  auto text = read_text(file, sign::kBundleBytesMax);
  if (!text) return std::move(text).error();
  sign::Findings ignored;
  const auto bundle = sign::parse_bundle(*std::move(text), ignored);
  if (!bundle) return Error(bundle.error()).within(escaped(file.string()));
  return *bundle && (*bundle)->material == sign::Bundle::Material::keyless;
}

// A file of the suspect that the seal's own statement ignores; empty: none.
std::string left_out(const sign::Verification& checked, const sign::Statement& files) {
  for (const sign::Uncovered& each : checked.uncovered) {
    if (each.why != "ignored") continue;
    for (const sign::Resource& file : files.resources) {
      if (file.name == each.path || file.name.starts_with(each.path + "/")) return file.name;
    }
  }
  return {};
}

// Takes over an answer; whether no other signer needs to be tried.
bool take(sign::Verification& checked, const sign::Statement& files, SealFacts& out) {
  out.findings = std::move(checked.findings);
  out.is_good = out.findings.good();
  if (!checked.authentic) return false;
  out.signer.fingerprint = checked.key_hint;
  out.left_out = left_out(checked, files);
  return true;
}

Result<SealFacts> by_keys(const SealRequest& request) {
  SealFacts out;
  out.findings.no(Code::key_hint, request.trust.binds(Role::accused)
                                      ? "it was made with a key, and none is bound to the accused"
                                      : "the trust folder has no key but the claimant's");
  sign::VerifyRequest asked = request.model;
  asked.key_in_certificate = true;
  for (const TrustedKey& each : request.trust.keys) {
    if (!request.trust.may_be(each, Role::accused)) continue;
    if (request.claimant != nullptr && each.key.equals(request.claimant->key)) continue;
    asked.key = &each.key;
    auto checked = sign::verify_model(asked);
    if (!checked) return std::move(checked).error();
    out.signer = {each.name(), each.key.hint(), each.role};
    if (take(*checked, request.files, out)) break;
  }
  return out;
}

Result<SealFacts> by_identities(const SealRequest& request) {
  SealFacts out;
  out.findings.no(Code::certificate_identity,
                  "it is keyless, and the trust folder has no accused.identities");
  sign::VerifyRequest asked = request.model;
  for (const sign::ExpectedIdentity& each : request.trust.identities) {
    asked.trusted_root = &*request.trust.root;
    asked.identity = each;
    auto checked = sign::verify_model(asked);
    if (!checked) return std::move(checked).error();
    out.signer = {cat(escaped(each.name), ", confirmed by ", escaped(each.issuer)),
                  checked->key_hint, Role::accused};
    if (take(*checked, request.files, out)) break;
  }
  return out;
}

}  // namespace

Result<SealFacts> check_seal(const SealRequest& request) {
  const auto keyless = is_keyless(request.model.signature);
  if (!keyless) return keyless.error();
  return *keyless ? by_identities(request) : by_keys(request);
}

}  // namespace wmk::claims
