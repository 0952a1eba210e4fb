// Bundles about one artifact; see sign/verify_model.h.
#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "sign/authentic.h"
#include "sign/bundle/json_fields.h"
#include "sign/file_hasher.h"
#include "sign/verify_model.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kDigestPrefix = "sha256:";
constexpr std::string_view kInTotoTypes[] = {"https://in-toto.io/Statement/v1",
                                             "https://in-toto.io/Statement/v0.1"};

// The digest that `text` names, "sha256:" and 64 digits.
std::optional<Bytes> named_digest(std::string_view text) {
  if (!text.starts_with(kDigestPrefix)) return std::nullopt;
  auto bytes = from_hex(text.substr(kDigestPrefix.size()));
  return bytes && bytes->size() == digest_bytes(Hash::sha256) ? bytes : std::nullopt;
}

Result<Bytes> artifact_digest(const VerifyRequest& request) {
  std::error_code ignored;
  if (!std::filesystem::exists(request.model, ignored)) {
    if (auto named = named_digest(request.model.string())) return std::move(*named);
  }
  const auto file = ReadFile::open(request.model);
  if (!file) return Error(file.error());
  return FileHasher().digest(*file, 0, file->size(), request.progress);
}

// Whether the statement has the artifact among its subjects; fills in the predicate's type.
bool is_subject(const std::string& payload, SignedArtifact& artifact, Findings& findings) {
  const auto document = json::Document::parse(payload, document_limits());
  if (!document) {
    return findings.no(Code::statement_malformed,
                       cat("the statement: ", document.error().message()));
  }
  const Value root = document->root();
  const auto type = text_member(root, "_type");
  if (!type || std::ranges::find(kInTotoTypes, *type) == std::end(kInTotoTypes)) {
    return findings.no(Code::statement_type, cat("the statement's type must be ", kInTotoTypes[0]));
  }
  artifact.predicate_type = text_member(root, "predicateType").value_or("");
  const auto subjects = member(root, "subject", Kind::array);
  const std::string wanted = to_hex(artifact.sha256);
  if (subjects && !artifact.predicate_type.empty()) {
    for (const Value subject : *subjects) {
      const auto digests = member(subject, "digest", Kind::object);
      const auto digest = digests ? text_member(*digests, "sha256") : std::nullopt;
      if (digest == std::string_view(wanted)) return true;
    }
  }
  return findings.no(Code::artifact_differs, "the statement is about other artifacts");
}

}  // namespace

Result<Verification> verify_artifact(const VerifyRequest& request) {
  auto text = read_text(request.signature, kBundleBytesMax);
  if (!text) return std::move(text).error();
  Verification verification;
  auto bundle = parse_bundle(std::move(*text), verification.findings,
                             {.log_entries = true, .artifact = true});
  if (!bundle) return std::move(bundle).error().within(escaped(request.signature.string()));
  if (!*bundle) return verification;
  auto digest = artifact_digest(request);
  if (!digest) return std::move(digest).error();
  SignedArtifact& artifact = verification.artifact.emplace(SignedArtifact{std::move(*digest), {}});
  const Bytes& stated = (*bundle)->artifact_digest;
  if (!stated.empty() && stated != artifact.sha256) {
    verification.findings.no(Code::artifact_differs, "the bundle states another SHA-256");
    return verification;
  }
  verification.authentic = is_authentic(**bundle, request, verification);
  if (verification.authentic && !(*bundle)->plain) {
    is_subject((*bundle)->payload, artifact, verification.findings);
  }
  return verification;
}

}  // namespace wmk::sign
