#include "cli/inputs.h"
#include "cli/network.h"
#include "cli/verify/trust_options.h"
#include "cli/verify/verify_answer.h"
#include "sign/verify_model.h"

namespace wmk::cli {

namespace {

struct VerifyOptions {
  CommonOptions common;
  TrustOptions trust;
  std::string model, signature;
  std::vector<std::string> ignore_paths;
  bool ignore_unsigned = false, allow_uncovered = false, allow_symlinks = false;
  bool identities = false;
};

sign::VerifyRequest request_of(const VerifyOptions& options, const TrustedKeys& trust) {
  sign::VerifyRequest request;
  request.model = options.model;
  request.signature = options.signature;
  use_trust(options.trust, trust, request);
  request.ignore_paths = {options.ignore_paths.begin(), options.ignore_paths.end()};
  request.ignore_unsigned_files = options.ignore_unsigned;
  request.allow_uncovered = options.allow_uncovered;
  request.allow_symlinks = options.allow_symlinks;
  request.threads = options.common.thread_count();
  return request;
}

int verify_seal(const VerifyOptions& options) {
  if (Status status = check_on_disk(options.model); !status) return fail(status.error());
  const Stopwatch stopwatch;
  const auto trust = read_trust(options.trust);
  if (!trust) return fail(trust.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  sign::VerifyRequest request = request_of(options, *trust);
  request.progress = &bar;
  const auto verification =
      options.trust.artifact ? sign::verify_artifact(request) : sign::verify_model(request);
  if (!verification) return fail(verification.error());
  if (!options.common.quiet && !options.common.json) {
    for (const std::string& text : verification->findings.notes) note(text);
  }
  const double seconds = stopwatch.seconds();
  const VerifyAnswer answer{options.model,
                            options.signature,
                            options.trust.method(),
                            !options.trust.trusted_root.empty(),
                            options.identities,
                            *verification,
                            seconds};
  say(options.common.json ? as_json(answer) : as_text(answer));
  return verification->good() ? kYes : kNo;
}

}  // namespace

void add_verify_command(Command app, Action& action) {
  auto options = std::make_shared<VerifyOptions>();
  Command command = app.add_subcommand("verify", "verify that a model is what was signed");
  command.example("weightmark verify model --signature model.sig --public-key release.pub");
  command.add_option("model", options->model, "folder or file").required();
  command.add_option("--signature", options->signature, "signature file (bundle)").required();
  add_trust_options(command, options->trust);
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder in the model that may be unsigned; may be repeated");
  command.add_flag("--ignore-unsigned-files", options->ignore_unsigned,
                   "report unsigned files without failing, except weights files");
  command.add_flag("--allow-uncovered", options->allow_uncovered,
                   "also accept unsigned weights files");
  command.add_flag("--allow-symlinks", options->allow_symlinks,
                   "follow links to files inside the model if the signer allowed them");
  command.add_flag(
      "--identities", options->identities,
      "list device, inode, size and times of the covered files, for loaders to compare");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return verify_seal(*options); }; });
}

}  // namespace wmk::cli
