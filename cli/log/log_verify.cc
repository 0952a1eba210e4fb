// `log verify`.
#include "base/file.h"
#include "base/text.h"
#include "claims/log/signer_entries.h"
#include "claims/log/verify_log.h"
#include "cli/log/log_inputs.h"

namespace wmk::cli {

namespace {

struct LogVerifyOptions {
  CommonOptions common;
  std::string folder, since, signer;
  LogTrustOptions trust;
};

Result<claims::SignedCheckpoint> read_checkpoint(const std::string& path) {
  const auto text = read_text(path, crypto::kNoteBytesMax);
  if (!text) return text.error();
  auto checkpoint = claims::parse_signed_checkpoint(*text);
  if (!checkpoint) return std::move(checkpoint).error().within(escaped(path));
  return checkpoint;
}

using Indices = std::vector<uint64_t>;

// The entries of --signer; nothing without it.
Result<std::optional<Indices>> count_signer(const LogVerifyOptions& options,
                                            const claims::TileStore& store, uint64_t size) {
  if (options.signer.empty()) return std::optional<Indices>();
  const auto key = sign::PublicKey::read(options.signer);
  if (!key) return key.error();
  auto indices = claims::signer_entries(store, size, *key);
  if (!indices) return std::move(indices).error();
  return std::optional(std::move(*indices));
}

std::string log_verify_json(const LogVerifyOptions& options, const claims::VerifiedLog& log,
                            const std::optional<Indices>& signer, double seconds) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/log-verify/v1").member("path", options.folder);
  out.member("verdict", log.reasons.good() ? "good" : "bad");
  write_reasons(log.reasons, out);
  out.member("origin", log.origin).member("size", log.head.size);
  out.member("root", to_hex(log.head.root)).member("bytes", log.bytes);
  write_witnesses(log.witnesses, out);
  if (signer) {
    out.key("signer_entries").begin_array();
    for (const uint64_t index : *signer) out.value(index);
    out.end_array();
  }
  return out.member("seconds", seconds).end_object().finish();
}

std::string log_verify_text(const LogVerifyOptions& options, const claims::VerifiedLog& log,
                            const std::optional<Indices>& signer) {
  const std::string folder = escaped(options.folder);
  if (!log.reasons.good()) {
    return cat("bad: ", folder, " is not the log that its checkpoint states\n",
               reasons_text(log.reasons));
  }
  std::string out = cat("good: ", folder, " is the log of ", escaped(log.origin), ": ",
                        entries_text(log.head.size), ", ", si(static_cast<double>(log.bytes), "B"),
                        "\n  root ", to_hex(log.head.root), "\n", witnesses_text(log.witnesses));
  if (!options.since.empty()) out += cat("  continues ", escaped(options.since), "\n");
  if (!signer) return out;
  return out + cat("  ", entries_text(signer->size()), " by the signer ", escaped(options.signer),
                   signer->empty() ? "" : cat(", the first is ", signer->front()), "\n");
}

int verify_folder(const LogVerifyOptions& options) {
  const Stopwatch stopwatch;
  const auto policy = read_log_trust(options.trust);
  if (!policy) return fail(policy.error());
  std::optional<claims::SignedCheckpoint> older;
  if (!options.since.empty()) {
    auto read = read_checkpoint(options.since);
    if (!read) return fail(read.error());
    older = std::move(*read);
  }
  const claims::TileStore store(options.folder);
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  const auto log = claims::verify_log(
      {store, *policy, older ? &*older : nullptr, options.common.thread_count(), &bar});
  if (!log) return fail(Error(log.error()).within(escaped(options.folder)));
  std::optional<Indices> signer;
  if (log->reasons.good()) {
    auto counted = count_signer(options, store, log->head.size);
    if (!counted) return fail(counted.error());
    signer = std::move(*counted);
  }
  say(options.common.json ? log_verify_json(options, *log, signer, stopwatch.seconds())
                          : log_verify_text(options, *log, signer));
  return log->reasons.good() ? kYes : kNo;
}

}  // namespace

void add_log_verify(Command log, Action& action) {
  auto options = std::make_shared<LogVerifyOptions>();
  Command command =
      log.add_subcommand("verify", "rebuild tiles and root from the entries, and compare");
  command.example("weightmark log verify log --vkey \"$(cat log.vkey)\" --signer release.pub");
  command.add_option("log", options->folder, "folder of the log").required();
  add_log_trust_options(command, options->trust);
  command.add_option("--since", options->since,
                     "checkpoint that was kept earlier: the log must continue it");
  command.add_option("--signer", options->signer, "PEM key: count the entries that it signed");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return verify_folder(*options); }; });
}

}  // namespace wmk::cli
