// The verification material of a bundle; see sign/bundle/key_material.h.
#include "sign/bundle/key_material.h"

#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/json_fields.h"

namespace wmk::sign {

bool is_malformed(Findings& findings, std::string text) {
  return findings.no(Code::bundle_malformed, std::move(text));
}

std::optional<Bytes> bytes_member(const json::Value& object, std::string_view key,
                                  Findings& findings) {
  const auto text = text_member(object, key);
  auto bytes = text ? crypto::from_either_base64(*text) : std::nullopt;
  if (bytes && !bytes->empty()) return bytes;
  is_malformed(findings, cat("'", key, "' is not base64"));
  return std::nullopt;
}

namespace {

using json::Kind;
using json::Value;

constexpr size_t kCertificatesMax = 16;
constexpr size_t kTimestampsMax = 16;

bool read_public_key(const Value& key, Bundle& bundle, Findings& findings) {
  bundle.material = Bundle::Material::public_key;
  if (key.find("hint")) {
    const auto hint = text_member(key, "hint");
    if (!hint) return is_malformed(findings, "the key's hint is not a string");
    bundle.hint = *hint;
  }
  if (key.find("rawBytes")) {
    auto pem = bytes_member(key, "rawBytes", findings);
    if (!pem) return false;
    bundle.key_pem = as_text(*pem);
  }
  return true;
}

bool read_single(const Value& certificate, Bundle& bundle, Findings& findings) {
  bundle.material = Bundle::Material::keyless;
  auto der = bytes_member(certificate, "rawBytes", findings);
  if (der) bundle.certificates.push_back(std::move(*der));
  return der.has_value();
}

bool read_chain(const Value& chain, const BundleUse& use, Bundle& bundle, Findings& findings) {
  bundle.material = use.artifact ? Bundle::Material::keyless : Bundle::Material::certificates;
  const auto list = member(chain, "certificates", Kind::array);
  if (!list || list->size() == 0) return is_malformed(findings, "it contains no certificates");
  if (list->size() > kCertificatesMax) {
    return is_malformed(findings, cat("more than ", kCertificatesMax, " certificates"));
  }
  for (const Value certificate : *list) {
    auto der = bytes_member(certificate, "rawBytes", findings);
    if (!der) return false;
    bundle.certificates.push_back(std::move(*der));
  }
  return true;
}

bool read_timestamps(const Value& material, Bundle& bundle, Findings& findings) {
  const auto data = material.find("timestampVerificationData");
  if (!data || data->is(Kind::null)) return true;
  if (!data->is(Kind::object))
    return is_malformed(findings, "'timestampVerificationData' is not an object");
  const auto list = data->find("rfc3161Timestamps");
  if (!list) return true;
  if (!list->is(Kind::array) || list->size() > kTimestampsMax) {
    return is_malformed(findings,
                        cat("'rfc3161Timestamps' is not a list of at most ", kTimestampsMax));
  }
  for (const Value timestamp : *list) {
    auto der = bytes_member(timestamp, "signedTimestamp", findings);
    if (!der) return false;
    bundle.timestamps.push_back(std::move(*der));
  }
  return true;
}

}  // namespace

bool read_material(const Value& material, const BundleUse& use, Bundle& bundle,
                   Findings& findings) {
  const auto wrong = [&](std::string text) {
    return findings.no(Code::verification_material, std::move(text));
  };
  const auto key = material.find("publicKey");
  const auto chain = material.find("x509CertificateChain");
  if (const auto odd = unknown_member(material, {"publicKey", "x509CertificateChain", "certificate",
                                                 "tlogEntries", "timestampVerificationData"})) {
    return is_malformed(findings, cat("an unknown member '", escaped(*odd), "'"));
  }
  const auto single = material.find("certificate");
  if (key && (chain || single)) {
    return wrong("the bundle names both a public key and certificates");
  }
  if (chain && single) return wrong("the bundle contains both a certificate and a chain");
  const auto given = key ? key : chain ? chain : single;
  if (!given) return wrong("the bundle names neither a public key nor certificates");
  if (!given->is(Kind::object)) return wrong("the bundle's key is not an object");
  if (const auto log = material.find("tlogEntries")) {
    if (!use.log_entries && !log->is(Kind::array)) {
      return is_malformed(findings, "'tlogEntries' is not a list");
    }
    if (use.log_entries && !read_log_entries(*log, bundle.entries, findings)) return false;
    if (!use.log_entries && log->size() > 0) {
      findings.note("transparency log entries are not checked");
    }
  }
  return (key     ? read_public_key(*key, bundle, findings)
          : chain ? read_chain(*chain, use, bundle, findings)
                  : read_single(*single, bundle, findings)) &&
         read_timestamps(material, bundle, findings);
}

}  // namespace wmk::sign
