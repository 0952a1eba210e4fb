#include "cli/claims/commit_verify.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/claims/commitment_text.h"
#include "cli/inputs.h"
#include "cli/verify/trusted_signers.h"
#include "cli/verify/verification_text.h"
#include "sign/bundle/bundle.h"
#include "sign/check_release.h"
#include "sign/seal.h"

namespace wmk::cli {

namespace {

struct VerifyCommitOptions {
  CommonOptions common;
  TrustedSignerOptions trust;
  KeyOptions key;
  std::string commitment, model, previous, statement;
  std::vector<std::string> ignore_paths;
};

// What was compared beside the commitment itself: lines of the answer.
struct Compared {
  std::vector<std::string> good;
};

Status compare_model(const VerifyCommitOptions& options, claims::CheckedCommitment& checked,
                     Compared& compared) {
  if (options.model.empty()) return {};
  const auto seal = manifest_of(options.model, options.ignore_paths, options.common);
  if (!seal) return seal.error();
  if (is_base(checked, seal->statement.root, checked.findings())) {
    compared.good.push_back(cat(escaped(options.model), " is the committed base"));
  }
  return {};
}

Status compare_key(const VerifyCommitOptions& options, claims::CheckedCommitment& checked,
                   Compared& compared) {
  if (options.key.path.empty()) return {};
  const auto key = load_key(options.key);
  if (!key) return key.error();
  if (is_key(*checked.commitment, *key, checked.findings())) {
    compared.good.emplace_back("the key opens every leaf");
  }
  return {};
}

Status compare_previous(const VerifyCommitOptions& options, const claims::Trust& trust,
                        claims::CheckedCommitment& checked, Compared& compared) {
  if (options.previous.empty()) return {};
  auto text = read_text(options.previous, sign::kBundleBytesMax);
  if (!text) return std::move(text).error();
  claims::Trust any_time = trust;
  any_time.timestamps_required = 0;
  auto before = claims::check_commitment(*std::move(text), any_time);
  if (!before) return std::move(before).error().within(escaped(options.previous));
  for (const sign::Reason& reason : before->findings().reasons) {
    checked.findings().no(reason.code, cat("the previous commitment: ", reason.text));
  }
  if (before->good() && follows(*checked.commitment, *before, checked.findings())) {
    compared.good.push_back(cat("it follows ", escaped(options.previous)));
  }
  return {};
}

// The statement's own signature is checked with its seal, by `verify`.
Status compare_statement(const VerifyCommitOptions& options, claims::CheckedCommitment& checked,
                         Compared& compared) {
  if (options.statement.empty()) return {};
  const auto text = read_text(options.statement, sign::kBundleBytesMax);
  if (!text) return text.error();
  const auto release = sign::read_release_file(options.statement);
  if (!release) {
    return malformed(cat(escaped(options.statement), ": not one release statement"));
  }
  if (release->commitment != to_hex(checked.digest)) {
    checked.findings().no(sign::Code::commitment_release,
                          release->commitment.empty()
                              ? "the release statement names no commitment"
                              : "the release statement names another commitment");
    return {};
  }
  if (release->mark && release->mark->base != checked.commitment->base) {
    checked.findings().no(sign::Code::commitment_release,
                          "the release statement names another unmarked base");
    return {};
  }
  compared.good.push_back(cat(escaped(options.statement), " names it"));
  return {};
}

std::string verify_text(const VerifyCommitOptions& options,
                        const claims::CheckedCommitment& checked, const Compared& compared) {
  const sign::Verification& verification = checked.verification;
  const std::string path = escaped(options.commitment);
  std::string rest = cat(verification.authentic ? signer_text(verification) : std::string(),
                         times_text(verification));
  for (const std::string& text : compared.good) rest += cat("  ", text, "\n");
  if (checked.commitment) {
    rest.insert(0, commitment_lines(*checked.commitment, checked.digest));
  }
  if (checked.good()) return cat("good: ", path, " is a commitment to a mark\n", rest);
  return cat("bad: ", path, " is not accepted\n", reasons_text(verification.findings.reasons),
             rest);
}

std::string verify_json(const VerifyCommitOptions& options,
                        const claims::CheckedCommitment& checked) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/commit-verify/v1");
  write_findings(checked.verification.findings, out);
  out.member("commitment", options.commitment);
  out.member("signature_holds", checked.verification.authentic);
  if (checked.commitment) write_commitment(*checked.commitment, checked.digest, out);
  write_times(checked.verification, out);
  return out.end_object().finish();
}

int verify_commitment(const VerifyCommitOptions& options) {
  const auto keys = read_trusted_signers(options.trust);
  if (!keys) return fail(keys.error());
  claims::Trust trust;
  keys->apply_to(trust);
  auto text = read_text(options.commitment, sign::kBundleBytesMax);
  if (!text) return fail(text.error());
  auto checked = claims::check_commitment(*std::move(text), trust);
  if (!checked) return fail(std::move(checked).error().within(escaped(options.commitment)));
  Compared compared;
  Status status;
  if (checked->commitment) {
    status = compare_key(options, *checked, compared);
    if (status) status = compare_previous(options, trust, *checked, compared);
    if (status) status = compare_statement(options, *checked, compared);
    if (status) status = compare_model(options, *checked, compared);
    if (checked->commitment->rules != claims::verdict_rules()) {
      checked->findings().note("it was made under other verdict rules than this program's");
    }
  }
  if (!status) return fail(status.error());
  if (!options.common.quiet && !options.common.json) {
    for (const std::string& each : checked->findings().notes) note(each);
  }
  say(options.common.json ? verify_json(options, *checked)
                          : verify_text(options, *checked, compared));
  return checked->good() ? kYes : kNo;
}

}  // namespace

void add_commit_verify(Command commit, Action& action) {
  auto options = std::make_shared<VerifyCommitOptions>();
  Command command = commit.add_subcommand("verify", "verify a commitment");
  command.example(
      "weightmark commit verify mark.commitment.sigstore.json --public-key release.pub "
      "--model model");
  command.add_option("commitment", options->commitment, "the commitment's bundle").required();
  add_trusted_signer_options(command, options->trust);
  command.add_option("--model", options->model, "also compare this model with the committed base");
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder in the model to leave out of its root; may be repeated");
  add_key_options(command, options->key, false);
  command.add_option("--previous", options->previous, "also check that it follows this commitment");
  command.add_option("--statement", options->statement,
                     "also check that this release statement names it");
  add_output_options(command, options->common);
  command.callback(
      [options, &action] { action = [options] { return verify_commitment(*options); }; });
}

}  // namespace wmk::cli
