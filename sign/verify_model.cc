#include "sign/verify_model.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "sign/authentic.h"
#include "sign/check_release.h"
#include "sign/compare_files.h"
#include "sign/manifest/path_rules.h"
#include "sign/manifest/statement.h"

namespace wmk::sign {

namespace {

// Includes the signer's ignored paths that are valid names; other tools also record invalid ones.
Result<TreeOptions> tree_options(const Statement& statement, const VerifyRequest& request,
                                 Verification& verification) {
  auto names = ignored_names(request.model, request.ignore_paths);
  if (!names) return std::move(names).error();
  const std::string release = name_inside(request.model, request.release);
  if (!release.empty()) names->push_back(release);
  for (const std::string& path : statement.ignore_paths) {
    if (name_fault(path).empty()) names->push_back(path);
  }
  std::ranges::sort(*names);
  names->erase(std::ranges::unique(*names).begin(), names->end());
  verification.ignore_paths = statement.ignore_paths;
  TreeOptions options{std::move(*names), name_inside(request.model, request.signature)};
  options.follow_links = statement.allow_symlinks && request.allow_symlinks;
  return options;
}

}  // namespace

Result<Verification> verify_model(const VerifyRequest& request) {
  const std::string signature = escaped(request.signature.string());
  auto text = read_text(request.signature, kBundleBytesMax);
  if (!text) return std::move(text).error();
  Verification verification;
  auto bundle = parse_bundle(std::move(*text), verification.findings, use_of(request));
  if (!bundle) return std::move(bundle).error().within(signature);
  if (!*bundle) return verification;
  verification.authentic = is_authentic(**bundle, request, verification);
  if (!verification.authentic) return verification;
  const auto statement = parse_statement((*bundle)->payload, request.legacy, verification.findings);
  if (!statement) return verification;
  verification.signed_name = statement->subject;
  verification.root = to_hex(statement->root);
  verification.signed_files = statement->resources.size();
  auto options = tree_options(*statement, request, verification);
  if (!options) return std::move(options).error();
  auto tree = ModelTree::walk(request.model, *options);
  if (!tree) return std::move(tree).error();
  compare_files(*tree, *statement, request, verification);
  if (request.release.empty()) return verification;
  auto checked = check_release(*statement, request, verification);
  if (!checked) return std::move(checked).error();
  return verification;
}

}  // namespace wmk::sign
