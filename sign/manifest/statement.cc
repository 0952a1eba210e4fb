#include "sign/manifest/statement.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/json_fields.h"
#include "sign/manifest/path_rules.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

bool is_faulty(Findings& findings, std::string text) {
  return findings.no(Code::statement_malformed, std::move(text));
}

// nullopt unless it has exactly the algorithm's number of lower-case digits.
std::optional<Bytes> digest_of(std::string_view text, Hash hash) {
  const bool lower = text.find_first_not_of(kHexDigits) == std::string_view::npos;
  return lower && text.size() == 2 * digest_bytes(hash) ? from_hex(text) : std::nullopt;
}

bool add_resource(std::string_view name, std::string_view digest, Statement& statement,
                  Findings& findings) {
  const bool single = name == kSingleFileName;
  if (const auto fault = name_fault(name); !single && !fault.empty()) {
    return findings.no(Code::resource_name, std::string(fault), std::string(name));
  }
  auto bytes = digest_of(digest, statement.hash);
  if (!bytes) {
    return findings.no(Code::resource_digest,
                       cat("has a digest that is not ", 2 * digest_bytes(statement.hash),
                           " lower-case hexadecimal digits"),
                       std::string(name));
  }
  statement.resources.push_back({std::string(name), std::move(*bytes)});
  return true;
}

bool read_resource(const Value& resource, Statement& statement, Findings& findings) {
  const auto name = text_member(resource, "name");
  const auto algorithm = text_member(resource, "algorithm");
  const auto digest = text_member(resource, "digest");
  if (!name || !algorithm || !digest) {
    return is_faulty(findings, "a resource needs 'name', 'algorithm' and 'digest'");
  }
  if (*algorithm != to_string(statement.hash)) {
    return findings.no(
        Code::resource_algorithm,
        cat("has the algorithm '", escaped(*algorithm), "', which is not the manifest's"),
        std::string(*name));
  }
  return add_resource(*name, *digest, statement, findings);
}

bool read_serialization(const Value& how, Statement& statement, Findings& findings) {
  if (const auto odd = unknown_member(
          how, {"method", "hash_type", "shard_size", "allow_symlinks", "ignore_paths"})) {
    return is_faulty(findings, cat("an unknown member '", escaped(*odd), "' in 'serialization'"));
  }
  const auto unsupported = [&](std::string text) {
    return findings.no(Code::serialization_unsupported, std::move(text));
  };
  const auto method = text_member(how, "method");
  if (method == "shards") return unsupported("sharded files are not supported");
  if (method != "files") return is_faulty(findings, "the method must be 'files'");
  if (how.find("shard_size")) return is_faulty(findings, "'shard_size' needs the method 'shards'");
  const auto hash_type = text_member(how, "hash_type");
  const auto hash = hash_type ? hash_from_text(*hash_type) : std::nullopt;
  if (!hash_type) return is_faulty(findings, "there is no 'hash_type'");
  if (!hash) return unsupported(cat("the hash type '", escaped(*hash_type), "' is not supported"));
  statement.hash = *hash;
  const auto links = member(how, "allow_symlinks", Kind::boolean);
  if (!links) return is_faulty(findings, "there is no 'allow_symlinks'");
  statement.allow_symlinks = *links->boolean();
  if (!how.find("ignore_paths")) return true;
  const auto ignored = member(how, "ignore_paths", Kind::array);
  if (!ignored) return is_faulty(findings, "'ignore_paths' is not a list");
  for (const Value path : *ignored) {
    if (!path.is(Kind::string))
      return is_faulty(findings, "'ignore_paths' contains a value that is not a string");
    statement.ignore_paths.emplace_back(*path.string());
  }
  return true;
}

bool read_subject(const Value& root, Statement& statement, Findings& findings) {
  const auto wrong = [&](std::string text) { return findings.no(Code::subject, std::move(text)); };
  const auto list = member(root, "subject", Kind::array);
  if (!list || list->size() != 1) return wrong("there must be exactly one subject");
  const Value subject = *list->begin();
  const auto name = text_member(subject, "name");
  const auto digests = member(subject, "digest", Kind::object);
  const auto digest = digests ? text_member(*digests, "sha256") : std::nullopt;
  if (!name || name->empty()) return wrong("the subject has no name");
  auto bytes = digest ? digest_of(*digest, Hash::sha256) : std::nullopt;
  if (!bytes) return wrong("the subject has no SHA-256 digest");
  statement.subject = *name;
  statement.root = std::move(*bytes);
  return true;
}

bool read_predicate(const Value& root, Statement& statement, Findings& findings) {
  const auto predicate = member(root, "predicate", Kind::object);
  if (!predicate) return is_faulty(findings, "there is no 'predicate'");
  if (const auto odd = unknown_member(*predicate, {"resources", "serialization"})) {
    return is_faulty(findings, cat("an unknown member '", escaped(*odd), "' in 'predicate'"));
  }
  const auto how = member(*predicate, "serialization", Kind::object);
  if (!how) return is_faulty(findings, "there is no 'serialization'");
  if (!read_serialization(*how, statement, findings)) return false;
  const auto list = member(*predicate, "resources", Kind::array);
  if (!list) return is_faulty(findings, "there is no list of resources");
  for (const Value resource : *list) {
    if (!read_resource(resource, statement, findings)) return false;
  }
  return true;
}

// In version 0.2 each file is a subject.
bool read_legacy(const Value& root, Statement& statement, Findings& findings) {
  const auto list = member(root, "subject", Kind::array);
  if (!list) return is_faulty(findings, "there is no list of subjects");
  statement.subject = "model";
  for (const Value file : *list) {
    const auto name = text_member(file, "name");
    const auto digests = member(file, "digest", Kind::object);
    const auto digest = digests ? text_member(*digests, "sha256") : std::nullopt;
    if (!name || !digest) return is_faulty(findings, "a subject needs a name and a SHA-256 digest");
    if (!add_resource(*name, *digest, statement, findings)) return false;
  }
  statement.root = root_digest(statement.resources);
  return true;
}

bool is_sound(const Statement& statement, Findings& findings) {
  const auto& resources = statement.resources;
  if (resources.empty()) return findings.no(Code::manifest_empty, "the manifest lists no files");
  std::vector<std::string_view> names;
  for (const Resource& resource : resources) names.push_back(resource.name);
  if (!std::ranges::is_sorted(names)) {
    findings.note("the manifest is not sorted by the bytes of its names");
    std::ranges::sort(names);
  }
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return findings.no(Code::resource_twice, "is listed twice in the manifest",
                       std::string(*twice));
  }
  if (names.size() > 1 && std::ranges::find(names, kSingleFileName) != names.end()) {
    return findings.no(Code::resource_name, "is allowed only as the name of a single file",
                       std::string(kSingleFileName));
  }
  if (statement.root != root_digest(resources)) {
    return findings.no(Code::root_digest, "the subject's digest does not match the manifest");
  }
  return true;
}

}  // namespace

std::optional<Statement> parse_statement(const std::string& payload, bool legacy,
                                         Findings& findings) {
  const auto document = json::Document::parse(payload, document_limits());
  if (!document) {
    const bool twice = document.error().code() == ErrorCode::duplicate_key;
    findings.no(twice ? Code::duplicate_key : Code::statement_malformed,
                cat("the statement: ", document.error().message()));
    return std::nullopt;
  }
  const Value root = document->root();
  const auto refuse = [&](Code code, std::string text) {
    findings.no(code, std::move(text));
    return std::nullopt;
  };
  if (!root.is(Kind::object)) return refuse(Code::statement_malformed, "it is not a JSON object");
  if (text_member(root, "_type") != kStatementType) {
    return refuse(Code::statement_type, cat("the statement's type must be ", kStatementType));
  }
  const std::string_view wanted = legacy ? kLegacyPredicateType : kPredicateType;
  if (text_member(root, "predicateType") != wanted) {
    return refuse(Code::predicate_type, cat("the predicate's type must be ", wanted));
  }
  if (const auto odd = unknown_member(root, {"_type", "subject", "predicateType", "predicate"})) {
    return refuse(Code::statement_malformed, cat("an unknown member '", escaped(*odd), "'"));
  }
  Statement out;
  const bool read = legacy
                        ? read_legacy(root, out, findings)
                        : read_subject(root, out, findings) && read_predicate(root, out, findings);
  if (!read || !is_sound(out, findings)) return std::nullopt;
  return out;
}

}  // namespace wmk::sign
