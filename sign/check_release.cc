#include "sign/check_release.h"

#include "base/file.h"
#include "base/text.h"
#include "sign/authentic.h"
#include "sign/bundle/json_fields.h"
#include "sign/keys/statement_key.h"

namespace wmk::sign {

namespace {

// Whether the payload calls itself a statement of ours: believed only after the signature holds.
bool calls_itself_ours(const Bundle& bundle) {
  const auto document = json::Document::parse(bundle.payload, document_limits());
  return document && text_member(document->root(), "predicateType") == kReleaseType;
}

// One bundle stands on a line; the first of our kind is the one.
Result<std::optional<Bundle>> find_ours(std::string_view text, Findings& findings) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    auto bundle = parse_bundle(std::string(line), findings);
    if (!bundle) return std::move(bundle).error();
    if (!*bundle || calls_itself_ours(**bundle)) return bundle;
  }
  findings.no(Code::own_statement, "there is no statement of weightmark in it");
  return std::optional<Bundle>();
}

// By the statement's own key where the user named one, else by whom the seal must be.
bool is_authentic_release(const Bundle& bundle, const VerifyRequest& request, Verdict& own) {
  if (request.release_key != nullptr) {
    own.key_hint = statement_hint(*request.release_key);
    return is_signed_by(bundle, *request.release_key, own.findings);
  }
  VerifyRequest asked = request;
  asked.timestamps_wanted = 0;  // they are wanted on the seal
  asked.legacy = false;
  return is_authentic(bundle, asked, own);
}

bool speaks_of(const ReleaseStatement& release, const Statement& statement, Findings& findings) {
  if (release.root == statement.root && release.manifest == strict_digest(statement.resources)) {
    return true;
  }
  return findings.no(Code::own_statement, "the statement speaks of another manifest");
}

Result<std::vector<TensorDigest>> tensors_of(const VerifyRequest& request) {
  auto model = checkpoint::Checkpoint::open(request.model);
  if (!model) return std::move(model).error();
  auto table = tensor_table(*model, request.threads, request.progress);
  if (!table) return std::move(table).error().within(escaped(request.model.string()));
  return table;
}

Status compare_with(const ReleaseStatement& release, const VerifyRequest& request,
                    Verdict& verdict) {
  const auto table = tensors_of(request);
  if (!table && !verdict.good()) {
    // The answer is no already, and why the files differ may be why they cannot be read.
    verdict.findings.note(cat("tensors cannot be compared: ", table.error().message()));
    return {};
  }
  if (!table) return Error(table.error());
  verdict.tensors = compare_tensors(release.tensors, *table);
  if (verdict.good() && !verdict.tensors->equal()) {
    verdict.findings.no(Code::own_statement,
                        "the statement lists other tensors than the model has");
  }
  return {};
}

}  // namespace

Status check_release(const Statement& statement, const VerifyRequest& request, Verdict& verdict) {
  auto text = read_text(request.release, kBundleBytesMax);
  if (!text) return std::move(text).error();
  Verdict own;
  auto bundle = find_ours(*text, own.findings);
  if (!bundle) return std::move(bundle).error().within(escaped(request.release.string()));
  if (*bundle && is_authentic_release(**bundle, request, own)) {
    auto release = parse_release((*bundle)->payload, own.findings);
    if (release && speaks_of(*release, statement, own.findings)) {
      verdict.release = std::move(*release);
      verdict.release_key_hint = own.key_hint;
    }
  }
  for (const Reason& reason : own.findings.reasons) {
    const bool named = reason.code != Code::own_statement;
    verdict.findings.no(Code::own_statement,
                        cat("the statement beside it: ", named ? word(reason.code) : "",
                            named ? ": " : "", reason.text));
  }
  if (!verdict.release || !request.tensors) return {};
  return compare_with(*verdict.release, request, verdict);
}

}  // namespace wmk::sign
