#include "sign/check_release.h"

#include "base/file.h"
#include "base/text.h"
#include "sign/authentic.h"
#include "sign/bundle/json_fields.h"
#include "sign/keys/statement_key.h"

namespace wmk::sign {

namespace {

// Whether the payload claims to be a release statement; its signature is checked later.
bool is_release_statement(const Bundle& bundle) {
  const auto document = json::Document::parse(bundle.payload, document_limits());
  return document && text_member(document->root(), "predicateType") == kReleaseType;
}

// The first release statement in a file with one bundle per line.
Result<std::optional<Bundle>> find_release(std::string_view text, const BundleUse& use,
                                           Findings& findings) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    auto bundle = parse_bundle(std::string(line), findings, use);
    if (!bundle) return std::move(bundle).error();
    if (!*bundle || is_release_statement(**bundle)) return bundle;
  }
  findings.no(Code::own_statement, "the file contains no release statement");
  return std::optional<Bundle>();
}

// Signed by the statement's own key if the user named one, otherwise by the bundle's signer.
bool is_authentic_release(const Bundle& bundle, const VerifyRequest& request,
                          Verification& checked) {
  if (request.release_key != nullptr) {
    checked.key_hint = statement_hint(*request.release_key);
    return is_signed_by(bundle, *request.release_key, checked.findings);
  }
  VerifyRequest asked = request;
  asked.timestamps_required = 0;  // they are required only on the bundle
  asked.legacy = false;
  return is_authentic(bundle, asked, checked);
}

bool refers_to(const ReleaseStatement& release, const Statement& statement, Findings& findings) {
  if (release.root == statement.root && release.manifest == strict_digest(statement.resources)) {
    return true;
  }
  return findings.no(Code::own_statement, "the statement refers to another manifest");
}

Result<std::vector<TensorDigest>> tensors_of(const VerifyRequest& request) {
  auto model = checkpoint::Checkpoint::open(request.model);
  if (!model) return std::move(model).error();
  auto table = tensor_table(*model, request.threads, request.progress);
  if (!table) return std::move(table).error().within(escaped(request.model.string()));
  return table;
}

Status compare_with(const ReleaseStatement& release, const VerifyRequest& request,
                    Verification& verification) {
  const auto table = tensors_of(request);
  if (!table && !verification.good()) {
    // The answer is no already, perhaps because the files are damaged.
    verification.findings.note(cat("tensors cannot be compared: ", table.error().message()));
    return {};
  }
  if (!table) return Error(table.error());
  verification.tensors = compare_tensors(release.tensors, *table);
  if (verification.good() && !verification.tensors->equal()) {
    verification.findings.no(Code::own_statement,
                             "the model's tensors differ from those in the statement");
  }
  return {};
}

}  // namespace

std::optional<ReleaseStatement> read_release_file(const std::filesystem::path& path) {
  const auto text = read_text(path, kBundleBytesMax);
  if (!text || trimmed(*text).find('\n') != std::string_view::npos) return std::nullopt;
  Findings ignored;
  const auto bundle = find_release(*text, {}, ignored);
  if (!bundle || !*bundle) return std::nullopt;
  return parse_release((*bundle)->payload, ignored);
}

Status check_release(const Statement& statement, const VerifyRequest& request,
                     Verification& verification) {
  auto text = read_text(request.release, kBundleBytesMax);
  if (!text) return std::move(text).error();
  Verification checked;
  auto bundle = find_release(*text, use_of(request), checked.findings);
  if (!bundle) return std::move(bundle).error().within(escaped(request.release.string()));
  if (*bundle && is_authentic_release(**bundle, request, checked)) {
    auto release = parse_release((*bundle)->payload, checked.findings);
    if (release && refers_to(*release, statement, checked.findings)) {
      verification.release = std::move(*release);
      verification.release_key_hint = checked.key_hint;
    }
  }
  for (const Reason& reason : checked.findings.reasons) {
    const bool named = reason.code != Code::own_statement;
    verification.findings.no(Code::own_statement,
                             cat("the release statement: ", named ? to_string(reason.code) : "",
                                 named ? ": " : "", reason.text));
  }
  if (!verification.release || !request.tensors) return {};
  return compare_with(*verification.release, request, verification);
}

}  // namespace wmk::sign
