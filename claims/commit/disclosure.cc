#include "claims/commit/disclosure.h"

#include <algorithm>

#include "base/text.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/in_toto.h"
#include "sign/bundle/json_fields.h"

namespace wmk::claims {

namespace {

using json::Kind;
using json::Value;
using sign::Code;

constexpr size_t kCaseMax = 1024;

// 32 secret bytes in hexadecimal.
std::optional<crypto::SecretBytes> secret_member(const Value& object, std::string_view key) {
  auto bytes = sign::sha256_member(object, key);
  if (!bytes) return std::nullopt;
  return crypto::SecretBytes::take(*bytes);
}

std::optional<size_t> share_leaf(std::optional<std::string_view> label) {
  for (size_t leaf = 0; leaf < embed::kSharesMax; ++leaf) {
    if (label == leaf_label(leaf)) return leaf;
  }
  return std::nullopt;
}

std::optional<Disclosure> read_disclosure(const Value& predicate) {
  const auto case_id = sign::text_member(predicate, "case");
  const auto recipient = sign::text_member(predicate, "to");
  const auto leaf = share_leaf(sign::text_member(predicate, "label"));
  auto salt = secret_member(predicate, "salt"), secret = secret_member(predicate, "secret");
  auto path = path_member(predicate, "path");
  if (!case_id || !recipient || !leaf || !salt || !secret || !path) return std::nullopt;
  if (case_id->size() > kCaseMax || recipient->size() > kCaseMax) return std::nullopt;
  if (sign::unknown_member(predicate, {"case", "to", "label", "salt", "secret", "path"})) {
    return std::nullopt;
  }
  return Disclosure{{},
                    std::string(*case_id),
                    std::string(*recipient),
                    {*leaf, *std::move(salt), *std::move(secret), *std::move(path)}};
}

}  // namespace

std::string disclosure_text(const Disclosure& disclosure) {
  json::Writer out = sign::begin_statement(kDisclosureType, "commitment", disclosure.commitment);
  out.member("case", disclosure.case_id).member("to", disclosure.recipient);
  out.member("label", leaf_label(disclosure.opening.leaf));
  out.member("salt", to_hex(disclosure.opening.salt.reveal()));
  out.member("secret", to_hex(disclosure.opening.secret.reveal())).key("path").begin_array();
  for (const crypto::TreeHash& hash : disclosure.opening.path) out.value(to_hex(hash));
  out.end_array();
  return sign::end_statement(out);
}

std::optional<Disclosure> parse_disclosure(const std::string& payload, sign::Findings& findings) {
  const auto refuse = [&](std::string_view why) {
    findings.no(Code::disclosure_malformed, std::string(why));
    return std::nullopt;
  };
  const auto document = json::Document::parse(payload, sign::document_limits());
  if (!document) return refuse(cat("the statement: ", document.error().message()));
  std::string why;
  auto parts = sign::statement_parts(*document, kDisclosureType, why);
  if (!parts) return refuse(why);
  auto out = read_disclosure(parts->predicate);
  if (!out) return refuse("a member is missing, malformed or unknown");
  out->commitment = std::move(parts->digest);
  return out;
}

bool opens(const Disclosure& disclosure, const Commitment& commitment, ByteView digest,
           sign::Findings& findings) {
  if (!std::ranges::equal(disclosure.commitment, digest)) {
    return findings.no(
        Code::disclosure_commitment,
        cat("it opens another commitment, ", to_hex(disclosure.commitment).substr(0, 16),
            "..., not ", to_hex(digest).substr(0, 16), "..."));
  }
  if (disclosure.share() >= commitment.mark.shares) {
    return findings.no(
        Code::disclosure_opening,
        cat("it opens share ", disclosure.share(), ", but the mark has ", commitment.mark.shares,
            commitment.mark.shares == 1 ? " share" : " shares"));
  }
  return is_opened(disclosure.opening, commitment.root) ||
         findings.no(Code::disclosure_opening,
                     "salt, secret and path do not lead to the root of the commitment");
}

}  // namespace wmk::claims
