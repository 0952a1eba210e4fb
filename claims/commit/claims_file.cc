#include "claims/commit/claims_file.h"

#include <algorithm>

#include "base/text.h"
#include "sign/bundle/json_fields.h"

namespace wmk::claims {

std::string predicate_type(const sign::Bundle& bundle) {
  const auto document = json::Document::parse(bundle.payload, sign::document_limits());
  if (!document) return {};
  return std::string(sign::text_member(document->root(), "predicateType").value_or(""));
}

Result<std::optional<std::vector<ClaimLine>>> read_claims(std::string_view text,
                                                          sign::Findings& findings,
                                                          const sign::BundleUse& use) {
  if (text.size() > sign::kBundleBytesMax) {
    return Error(ErrorCode::limit_exceeded, "the file is larger than 64 MiB");
  }
  std::vector<ClaimLine> out;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string line(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (out.size() == kClaimsMax) {
      return Error(ErrorCode::limit_exceeded, cat("more than ", kClaimsMax, " bundles"));
    }
    auto bundle = sign::parse_bundle(line, findings, use);
    if (!bundle) return std::move(bundle).error().within(cat("line ", number));
    if (!*bundle) {
      findings.reasons.back().text.insert(0, cat("line ", number, ": "));
      return std::optional<std::vector<ClaimLine>>();
    }
    if (std::ranges::any_of(out, [&](const ClaimLine& each) { return each.text == line; })) {
      return malformed(cat("line ", number, ": the same bundle twice"));
    }
    out.push_back({line, number, predicate_type(**bundle), *std::move(*bundle)});
  }
  return std::optional(std::move(out));
}

Result<std::string> one_line(std::string bundle) {
  const auto document = json::Document::parse(std::move(bundle), sign::document_limits());
  if (!document) return document.error();
  json::Writer out;
  sign::copy_value(document->root(), out);
  return std::string(trimmed(out.finish()));
}

std::vector<const sign::Bundle*> of_type(const std::vector<ClaimLine>& claims,
                                         std::string_view predicate_type) {
  std::vector<const sign::Bundle*> out;
  for (const ClaimLine& each : claims) {
    if (each.type == predicate_type) out.push_back(&each.bundle);
  }
  return out;
}

}  // namespace wmk::claims
