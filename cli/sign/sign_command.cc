#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/sign/own_commitment.h"
#include "cli/sign/sign_options.h"
#include "cli/verify/uncovered_text.h"
#include "mpi/processes.h"
#include "sign/keys/statement_key.h"
#include "sign/release/tensor_table.h"
#include "sign/seal.h"

namespace wmk::cli {

namespace {

struct SignSummary {
  const SignOptions& options;
  const sign::Seal& seal;
  const sign::PublicKey& key;
  const std::optional<crypto::Ed25519SecretKey>& statement_key;
  double seconds;
};

std::string as_json(const SignSummary& s) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/sign/v1").member("path", s.options.model);
  out.member("signature", s.options.signature);
  out.member("method", s.options.signer.certificate.empty() ? "key" : "certificate");
  out.member("key", s.key.hint()).member("curve", s.key.curve());
  out.member("root", to_hex(s.seal.statement.root));
  out.member("covered_files", static_cast<uint64_t>(s.seal.statement.resources.size()));
  out.member("covered_bytes", s.seal.bytes);
  write_uncovered(s.seal.uncovered, out);
  if (s.statement_key) {
    out.member("statement_key", sign::statement_hint(s.statement_key->public_key()));
  }
  return out.member("seconds", s.seconds).end_object().finish();
}

std::string as_text(const SignSummary& s) {
  const std::string signature = escaped(s.options.signature);
  std::string out =
      cat("signed: ", signature, " covers ", escaped(s.options.model), "\n  ",
          files_text(s.seal.statement.resources.size(), s.seal.bytes), ", root ",
          to_hex(s.seal.statement.root), "\n  ", s.key.curve(), " key ", s.key.hint(), "\n");
  out += uncovered_text(s.seal.uncovered);
  if (!s.options.statement.empty()) {
    out += cat("  release statement: ", escaped(s.options.statement));
    if (s.statement_key) {
      out += cat(", Ed25519 key ", sign::statement_hint(s.statement_key->public_key()));
    }
    out += "\n";
  }
  return out + cat("  next: weightmark verify ", escaped(s.options.model), " --signature ",
                   signature,
                   s.options.signer.certificate.empty() ? " --public-key PUBLIC.pem\n"
                                                        : " --certificate-chain CA.pem\n");
}

sign::SealRequest request_of(const SignOptions& options) {
  sign::SealRequest request;
  request.model = options.model;
  request.signature = options.signature;
  request.ignore_paths = {options.ignore_paths.begin(), options.ignore_paths.end()};
  if (!sign::name_inside(options.model, options.statement).empty()) {
    request.ignore_paths.push_back(std::filesystem::absolute(options.statement));
  }
  request.is_shared = !mpi::place().is_alone();
  request.threads = options.common.thread_count();
  return request;
}

// Prepares both before the first one appears. The bundle comes last: a run that is stopped in
// between leaves a statement without its bundle (replaces_statement()).
Status seal_and_write(const SignOptions& options, const sign::SealRequest& request,
                      const sign::ReleaseInfo& words, const sign::Seal& seal) {
  std::optional<PendingOutput> statement;
  if (!options.statement.empty()) {
    const auto text = sign::seal_release(request, seal, words);
    if (!text) return Error(text.error());
    auto prepared =
        prepare_whole(options.statement, as_bytes(*text), 0644, replaces_statement(options));
    if (!prepared) return std::move(prepared).error();
    statement.emplace(std::move(*prepared));
  }
  auto bundle = prepare_whole(options.signature, as_bytes(seal.bundle), 0644, options.force);
  if (!bundle) return std::move(bundle).error();
  auto status = statement ? statement->commit() : Status();
  return status ? bundle->commit() : status;
}

// The commitment names the model before it was marked, and the release is the one after.
Status check_is_marked(const sign::ReleaseInfo& words, const sign::Seal& seal) {
  if (!words.mark || words.mark->base != seal.statement.root) return {};
  return Error(ErrorCode::invalid_argument,
               "this is the unmarked model that the commitment names, not the release")
      .with_hint("mark it first, with the options of the commitment: weightmark embed");
}

// What the first process does not do alone, where mpirun started several.
Status join_signing(const SignOptions& options) {
  const sign::SealRequest request = request_of(options);
  auto seal = sign::manifest_of(request);
  if (!seal) return std::move(seal).error();
  if (options.statement.empty()) return {};
  auto model = checkpoint::Checkpoint::open(request.model);
  if (!model) return std::move(model).error();
  auto table = sign::tensor_table(*model, request.threads, nullptr, true);
  return table ? Status() : Status(std::move(table).error());
}

int sign_model(const SignOptions& options) {
  if (!mpi::place().is_first()) {
    const Status status = join_signing(options);
    return status ? kYes : fail(status.error());
  }
  const Stopwatch stopwatch;
  auto status = check_sign_options(options);
  if (!status) return fail(status.error());
  auto key = load_private_key(options.signer);
  if (!key) return fail(key.error());
  sign::ReleaseInfo words = options.release;
  status = add_commitment(key->public_key(), words);
  if (!status) return fail(status.error());
  const auto statement_key = load_statement_key(options.signer);
  if (!statement_key) return fail(statement_key.error());
  auto chain = load_chain(options.signer, key->public_key());
  if (!chain) return fail(chain.error());
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  sign::SealRequest request = request_of(options);
  request.key = &*key;
  request.certificates = std::move(*chain);
  request.statement_key = *statement_key ? &**statement_key : nullptr;
  request.progress = &bar;
  auto seal = sign::seal_model(request);
  if (!seal) return fail(seal.error());
  status = check_is_marked(words, *seal);
  if (!status) return fail(status.error());
  status = seal_and_write(options, request, words, *seal);
  if (!status) return fail(status.error());
  for (const std::string& text : seal->notes) warn(text);
  const double seconds = stopwatch.seconds();
  const SignSummary summary{options, *seal, key->public_key(), *statement_key, seconds};
  say(options.common.json ? as_json(summary) : as_text(summary));
  return kYes;
}

}  // namespace

void add_sign_command(Command app, Action& action) {
  auto options = std::make_shared<SignOptions>();
  Command command = app.add_subcommand("sign", "sign a model (OpenSSF Model Signing v1)");
  command.example(
      "weightmark sign model --private-key release.key --signature model.sig --statement "
      "model.jsonl");
  command.add_option("model", options->model, "folder or file").required();
  add_signer_options(command, options->signer).required();
  command.add_option("--signature", options->signature, "signature file (bundle) to write")
      .required();
  command.add_option("--ignore-paths", options->ignore_paths,
                     "file or folder in the model to leave out; may be repeated");
  command.add_option("--statement", options->statement,
                     "also write a release statement (model.jsonl): tensors, licence, base model");
  command.add_option("--statement-key", options->signer.statement_key,
                     "minisign secret key to sign the statement (default: the private key)");
  command.add_option("--statement-password-file", options->signer.statement_password_file,
                     "file whose first line is its passphrase (default: ask)");
  command.add_option("--licence", options->release.licence, "licence, for the statement");
  command.add_option("--base-model", options->release.base_model, "base model, for the statement");
  command.add_option("--commitment", options->release.commitment,
                     "the commitment to the mark, its file or its digest, for the statement");
  command.add_flag("--force", options->force, "replace an existing bundle");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return sign_model(*options); }; });
}

}  // namespace wmk::cli
