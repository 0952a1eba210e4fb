// commit: fixes the secrets and the rules of a mark before it is made.
#include "base/file.h"
#include "base/text.h"
#include "cli/claims/commit_verify.h"
#include "cli/claims/commitment_text.h"
#include "cli/inputs.h"
#include "cli/mark_options.h"
#include "cli/version.h"
#include "embed/mark/embedder.h"
#include "embed/mark/site_plan.h"
#include "embed/scheme/record.h"
#include "sign/seal.h"
#include "verify/detect.h"

namespace wmk::cli {

namespace {

struct CommitOptions {
  CommonOptions common;
  KeyOptions key;
  SignerOptions signer;
  MarkOptions mark;
  std::string model, out, previous;
  std::vector<std::string> ignore_paths;
  double alpha = verify::kDefaultAlpha, lambda = claims::kDefaultLambda;
  bool force = false;

  std::string path() const { return out + ".commitment.sigstore.json"; }
};

// How the model would be marked, with the same defaults as `embed`.
Result<claims::CommittedMark> plan_of(const CommitOptions& options) {
  const auto choice = mark_choice(options.mark);
  if (!choice) return choice.error();
  const auto path = remote::localise_whole(options.model);
  if (!path) return path.error();
  auto model = open_model(path->string(), options.common);
  if (!model) return std::move(model).error();
  if (auto status = embed::check_markable(model->checkpoint, model->anatomy, choice->sites);
      !status) {
    return std::move(status).error();
  }
  const auto plan = embed::plan_mark(model->anatomy, choice->strength, choice->shares);
  if (!plan) return plan.error();
  const auto sites =
      embed::plan_sites(model->checkpoint, model->anatomy, *plan, choice->sites, false);
  if (!sites) return sites.error();
  warn_if_weak(*sites, false);
  return claims::CommittedMark{std::string(embed::kScheme),
                               plan->strength,
                               plan->shares,
                               sites->marked(),
                               model->anatomy.width,
                               plan->weights,
                               !model->vocabulary.source.empty()};
}

Result<Bytes> root_of(const CommitOptions& options) {
  auto seal = manifest_of(options.model, options.ignore_paths, options.common);
  if (!seal) return std::move(seal).error();
  for (const std::string& text : seal->notes) warn(text);
  return std::move(seal->statement.root);
}

Result<claims::Commitment> content_of(const CommitOptions& options, const sign::PublicKey& signer) {
  claims::Commitment out;
  if (!options.previous.empty()) {
    auto previous = own_commitment(options.previous, signer);
    if (!previous) return std::move(previous).error();
    out.previous = std::move(previous->digest);
  }
  auto mark = plan_of(options);
  if (!mark) return std::move(mark).error();
  auto root = root_of(options);
  if (!root) return std::move(root).error();
  out.subject = sign::model_name(options.model);
  out.base = *std::move(root);
  out.mark = *std::move(mark);
  out.alpha = options.alpha;
  out.lambda = options.lambda;
  out.rules = claims::verdict_rules();
  out.program = version_text();
  return out;
}

std::string commit_json(const CommitOptions& options, const claims::Commitment& commitment,
                        ByteView digest) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/commit/v1").member("path", options.model);
  out.member("commitment", options.path());
  write_commitment(commitment, digest, out);
  return out.end_object().finish();
}

std::string commit_text(const CommitOptions& options, const claims::Commitment& commitment,
                        ByteView digest) {
  const std::string path = escaped(options.path());
  return cat("committed: ", path, " fixes the mark before it is made\n",
             commitment_lines(commitment, digest), "  signed by key ", commitment.signer,
             "\n  next: weightmark timestamp query ", path,
             " -o Q.tsq\n        after that, mark with the same options and name it in the "
             "release: sign --statement --commitment ",
             path, "\n");
}

Status check_numbers(const CommitOptions& options) {
  if (auto status = verify::check_alpha(options.alpha); !status) return status;
  if (options.lambda > 0 && options.lambda <= claims::kLambdaMax) return {};
  return Error(ErrorCode::invalid_argument, "--lambda must be above 0 and at most 64");
}

int commit_model(const CommitOptions& options) {
  Status status = check_numbers(options);
  if (status) status = try_output(options.path(), options.force);
  if (!status) return fail(status.error());
  const auto key = load_key(options.key);
  if (!key) return fail(key.error());
  const auto signer = open_signer(options.signer);
  if (!signer) return fail(signer.error());
  auto commitment = content_of(options, signer->key.public_key());
  if (!commitment) return fail(commitment.error());
  const auto made = claims::commit(*commitment, *key, signer->signer());
  if (!made) return fail(made.error());
  status = write_whole(options.path(), as_bytes(made->bundle), 0644, options.force);
  if (!status) return fail(status.error());
  say(options.common.json ? commit_json(options, *commitment, made->digest)
                          : commit_text(options, *commitment, made->digest));
  return kYes;
}

void require_arguments(const CommitOptions& options) {
  for (const auto& [name, value] :
       {std::pair("model", &options.model), std::pair("--key", &options.key.path),
        std::pair("--private-key", &options.signer.private_key),
        std::pair("--out", &options.out)}) {
    if (value->empty()) missing(name);
  }
}

}  // namespace

void add_commit_command(Command app, Action& action) {
  auto options = std::make_shared<CommitOptions>();
  Command command = app.add_subcommand(
      "commit", "fix key, parameters and rules of a mark before the release is made");
  command.example("weightmark commit model --key owner.key --private-key release.key -o mark");
  command.allow_one_subcommand();
  command.add_option("model", options->model,
                     "the unmarked model, a folder or file; --key, --private-key and --out are "
                     "required too, except by verify");
  add_key_options(command, options->key, false);
  add_signer_options(command, options->signer);
  command.add_option("-o,--out", options->out,
                     "name of the commitment: writes NAME.commitment.sigstore.json");
  add_mark_options(command, options->mark);
  command.add_option("--alpha", options->alpha, "false-positive rate of 'detected' (1e-9)");
  command.add_option("--lambda", options->lambda, "of the e-value exp(lambda z - lambda^2/2) (12)");
  command.add_option("--previous", options->previous,
                     "the signer's commitment before this one (default: this is the first)");
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder in the model to leave out of its root; may be repeated");
  command.add_flag("--force", options->force, "replace an existing commitment");
  add_common_options(command, options->common);
  add_commit_verify(command, action);
  command.callback([options, command, &action] {
    if (command.has_subcommand()) return;
    require_arguments(*options);
    action = [options] { return commit_model(*options); };
  });
}

}  // namespace wmk::cli
