#include "cli/sign/sign_options.h"

#include "base/file.h"
#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "cli/network.h"
#include "library/models/bundle_output.h"
#include "sign/check_release.h"
#include "sign/manifest/model_tree.h"

namespace wmk::cli {

namespace {

namespace fs = std::filesystem;

Error wrong(std::string text) { return Error(ErrorCode::invalid_argument, std::move(text)); }

// An option that would have no effect is an error.
Status check_combinations(const SignOptions& options) {
  const SignerOptions& signer = options.signer;
  if (options.statement.empty()) {
    for (const auto& [option, given] :
         {std::pair("--statement-key", !signer.statement_key.empty()),
          std::pair("--licence", !options.release.licence.empty()),
          std::pair("--base-model", !options.release.base_model.empty()),
          std::pair("--commitment", !options.release.commitment.empty())}) {
      if (given) return wrong(cat(option, " needs --statement"));
    }
  }
  if (signer.statement_key.empty() && !signer.statement_password_file.empty()) {
    return wrong("--statement-password-file needs --statement-key");
  }
  if (Status status = check_signer_options(signer); !status) return status;
  if (const std::string& it = options.release.commitment;
      it.find_first_not_of(kHexDigits) != std::string::npos && !fs::exists(it)) {
    return wrong("--commitment must be a commitment's file, or lower-case hexadecimal");
  }
  return {};
}

Status check_outputs(const SignOptions& options) {
  auto status = library::can_write_bundle(options.signature, options.force, "--force");
  if (!status || options.statement.empty()) return status;
  if (fs::absolute(options.statement).lexically_normal() ==
      fs::absolute(options.signature).lexically_normal()) {
    return wrong("--statement and --signature name the same file");
  }
  if (!options.force && replaces_statement(options)) return try_output(options.statement, true);
  return library::can_write_bundle(options.statement, options.force, "--force");
}

Status check_model(const SignOptions& options) {
  if (Status status = check_on_disk(options.model); !status) return status;
  std::error_code failure;
  if (!fs::exists(options.model, failure)) {
    return Error(ErrorCode::io, cat(escaped(options.model), ": no such model"));
  }
  if (options.statement.empty()) return {};
  // The statement lists tensors: fail before the files are hashed.
  const auto model = checkpoint::Checkpoint::open(options.model);
  if (model) return {};
  return Error(model.error())
      .with_hint("--statement needs a model with tensors; without it any folder can be signed");
}

}  // namespace

bool replaces_statement(const SignOptions& options) {
  if (options.force) return true;
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(options.signature, ignored)) ||
      !fs::is_regular_file(fs::symlink_status(options.statement, ignored))) {
    return false;
  }
  const auto release = sign::read_release_file(options.statement);
  return release && release->subject == sign::model_name(options.model);
}

Status check_sign_options(const SignOptions& options) {
  auto status = check_combinations(options);
  if (status) status = check_outputs(options);
  if (status) status = check_model(options);
  if (!status) return status;
  for (const std::string& name : options.ignore_paths) {
    std::error_code failure;
    if (!fs::exists(fs::symlink_status(fs::path(options.model) / name, failure))) {
      warn(cat("--ignore-paths ", escaped(name), ": no such file in the model"));
    }
  }
  return {};
}

}  // namespace wmk::cli
