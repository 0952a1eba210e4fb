#include "claims/commit/commitment.h"

#include <algorithm>

#include "base/text.h"
#include "claims/commit/tree.h"
#include "crypto/key_file.h"
#include "embed/scheme/record.h"
#include "embed/scheme/strength.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/in_toto.h"
#include "sign/bundle/json_fields.h"
#include "sign/digest.h"

namespace wmk::claims {

namespace {

using json::Kind;
using json::Value;
using sign::Code;
using sign::sha256_member;
using sign::text_member;

constexpr size_t kTextMax = 256;
constexpr size_t kTreePathMax = 64;

std::optional<crypto::TreeHash> hash_of(const std::optional<std::string_view>& text) {
  const auto bytes = sign::sha256_of_text(text);
  if (!bytes) return std::nullopt;
  crypto::TreeHash out{};
  std::ranges::copy(*bytes, out.begin());
  return out;
}

std::optional<double> number_member(const Value& object, std::string_view key) {
  const auto found = sign::member(object, key, Kind::number);
  return found ? found->number() : std::nullopt;
}

std::optional<uint64_t> integer_member(const Value& object, std::string_view key) {
  const auto found = sign::member(object, key, Kind::number);
  return found ? found->unsigned_integer() : std::nullopt;
}

std::optional<embed::Sites> sites_member(const Value& object) {
  const auto list = sign::member(object, "sites", Kind::array);
  if (!list || list->size() == 0) return std::nullopt;
  embed::Sites out;
  for (const Value each : *list) {
    const auto name = each.string();
    const auto* const site = std::find_if(embed::kSites.begin(), embed::kSites.end(),
                                          [&](embed::Site s) { return name == to_string(s); });
    if (site == embed::kSites.end() || out[*site]) return std::nullopt;
    out[*site] = true;
  }
  return out;
}

bool read_mark(const Value& parameters, CommittedMark& mark) {
  const auto strength = number_member(parameters, "strength");
  const auto shares = integer_member(parameters, "shares");
  const auto sites = sites_member(parameters);
  const auto width = integer_member(parameters, "width");
  const auto weights = integer_member(parameters, "weights");
  const auto labels = text_member(parameters, "labels");
  if (!strength || !shares || !sites || !width || !weights) return false;
  if (labels != "strings" && labels != "ids") return false;
  if (sign::unknown_member(parameters,
                           {"strength", "shares", "sites", "width", "weights", "labels"})) {
    return false;
  }
  mark.strength = *strength;
  mark.shares = static_cast<unsigned>(std::min<uint64_t>(*shares, 1u << 16));
  mark.sites = *sites;
  mark.width = *width;
  mark.weights = *weights;
  mark.string_labels = labels == "strings";
  return true;
}

bool read_tree(const Value& tree, Commitment& out) {
  const auto root = hash_of(text_member(tree, "root"));
  auto path = path_member(tree, "signer_path");
  if (!root || !path || integer_member(tree, "size") != kLeafCount ||
      sign::unknown_member(tree, {"root", "size", "signer_path"})) {
    return false;
  }
  out.root = *root;
  out.path = *std::move(path);
  return true;
}

bool read_previous(const Value& predicate, Commitment& out) {
  const auto previous = predicate.find("previous");
  if (!previous) return false;
  if (previous->is(Kind::null)) return true;
  out.previous = sign::sha256_of_text(previous->string());
  return out.previous.has_value();
}

bool read_facts(const Value& predicate, Commitment& out) {
  const auto program = text_member(predicate, "program"), key = text_member(predicate, "key");
  const auto signer = text_member(predicate, "signer");
  auto rules = sha256_member(predicate, "rules"), nonce = sha256_member(predicate, "nonce");
  const auto alpha = number_member(predicate, "alpha");
  const auto lambda = number_member(predicate, "lambda");
  if (!program || !key || !rules || !nonce || !alpha || !lambda) return false;
  if (!sign::sha256_of_text(signer)) return false;
  if (program->size() > kTextMax || !crypto::is_fingerprint(*key)) return false;
  out.program = *program;
  out.key = *key;
  out.signer = *signer;
  out.rules = std::move(*rules);
  out.nonce = std::move(*nonce);
  out.alpha = *alpha;
  out.lambda = *lambda;
  return true;
}

bool read_predicate(const Value& predicate, Commitment& out) {
  const auto scheme = text_member(predicate, "scheme");
  const auto parameters = sign::member(predicate, "parameters", Kind::object);
  const auto tree = sign::member(predicate, "tree", Kind::object);
  if (!scheme || scheme->size() > kTextMax || !parameters || !tree) return false;
  out.mark.scheme = *scheme;
  return !sign::unknown_member(
             predicate, {"scheme", "parameters", "alpha", "lambda", "rules", "program", "key",
                         "nonce", "signer", "tree", "previous"}) &&
         read_mark(*parameters, out.mark) && read_facts(predicate, out) && read_tree(*tree, out) &&
         read_previous(predicate, out);
}

// Why the numbers cannot be those of a mark; empty if they can.
std::string_view parameter_fault(const Commitment& commitment) {
  const CommittedMark& mark = commitment.mark;
  if (mark.scheme != embed::kScheme) return "the scheme is unknown";
  if (mark.shares < 1 || mark.shares > embed::kSharesMax) return "a mark has 1 to 4 shares";
  if (!(mark.strength >= embed::kStrengthMin && mark.strength <= embed::kStrengthMax)) {
    return "the strength is outside 0.0001 to 0.03";
  }
  if (!(commitment.alpha > 0 && commitment.alpha < 1)) return "alpha is outside 0 to 1";
  if (!(commitment.lambda > 0 && commitment.lambda <= kLambdaMax)) {
    return "lambda is outside 0 to 64";
  }
  return {};
}

}  // namespace

std::optional<std::vector<crypto::TreeHash>> path_member(const Value& object,
                                                         std::string_view key) {
  const auto list = sign::member(object, key, Kind::array);
  if (!list || list->size() > kTreePathMax) return std::nullopt;
  std::vector<crypto::TreeHash> out;
  for (const Value each : *list) {
    const auto hash = hash_of(each.string());
    if (!hash) return std::nullopt;
    out.push_back(*hash);
  }
  return out;
}

std::optional<Commitment> parse_commitment(const std::string& payload, sign::Findings& findings) {
  const auto refuse = [&](Code code, std::string_view why) {
    findings.no(code, std::string(why));
    return std::nullopt;
  };
  const auto document = json::Document::parse(payload, sign::document_limits());
  if (!document) {
    return refuse(Code::commitment_malformed, cat("the statement: ", document.error().message()));
  }
  std::string why;
  auto parts = sign::statement_parts(*document, kCommitmentType, why);
  if (!parts) return refuse(Code::commitment_malformed, why);
  Commitment out;
  if (!read_predicate(parts->predicate, out)) {
    return refuse(Code::commitment_malformed, "a member is missing, malformed or unknown");
  }
  out.subject = std::move(parts->subject);
  out.base = std::move(parts->digest);
  if (const auto fault = parameter_fault(out); !fault.empty()) {
    return refuse(Code::commitment_parameters, fault);
  }
  return out;
}

Bytes commitment_digest(std::string_view payload) { return sign::sha256(as_bytes(payload)); }

}  // namespace wmk::claims
