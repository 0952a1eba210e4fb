// `log append`.
#include <algorithm>
#include <fstream>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "claims/log/appender.h"
#include "cli/log/log_inputs.h"

namespace wmk::cli {

namespace {

// The names of the first entries only are printed.
constexpr size_t kNamesMax = 16;

struct LogAppendOptions {
  CommonOptions common;
  std::string folder, key, public_key, lines;
  std::vector<std::string> bundles;
};

// Where the log has an entry; `is_new`: since this run.
struct Placed {
  std::string name;
  uint64_t index;
  bool is_new;
};

struct Appended {
  uint64_t before;
  crypto::TreeHead head;
  std::string origin;
  std::vector<Placed> placed;
  double seconds;
};

std::string append_json(const LogAppendOptions& options, const Appended& a) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/log-append/v1").member("path", options.folder);
  out.member("origin", a.origin).member("first", a.before).member("size", a.head.size);
  out.member("root", to_hex(a.head.root)).key("entries").begin_array();
  for (const Placed& each : a.placed) {
    out.begin_object().member("index", each.index).member("path", each.name);
    out.member("new", each.is_new).end_object();
  }
  return out.end_array().member("seconds", a.seconds).end_object().finish();
}

std::string append_text(const LogAppendOptions& options, const Appended& a) {
  std::string out = cat("appended: ", entries_text(a.head.size - a.before), ", ", a.origin,
                        " now has ", a.head.size, "\n");
  for (size_t i = 0; i < std::min(a.placed.size(), kNamesMax); ++i) {
    const Placed& each = a.placed[i];
    out += cat("  entry ", each.index, ": ", escaped(each.name),
               each.is_new ? "" : " (was there already)", "\n");
  }
  if (a.placed.size() > kNamesMax) out += cat("  and ", a.placed.size() - kNamesMax, " more\n");
  out += cat("  root ", to_hex(a.head.root), "\n");
  if (a.head.size == 0) return out;
  return out + cat("  next: weightmark log prove ", escaped(options.folder), " --index ",
                   a.head.size - 1, " -o FILE.tlog-proof\n");
}

// A signature is logged once: an entry that the log has already is not appended again.
Result<std::vector<Placed>> append_named(const LogAppendOptions& options,
                                         const std::vector<NamedEntry>& named,
                                         claims::Appender& appender) {
  std::vector<crypto::TreeHash> leaves;
  for (const NamedEntry& each : named) leaves.push_back(crypto::tree_leaf(as_bytes(each.entry)));
  const claims::TileStore store(options.folder);
  auto known =
      claims::LogTree(store, appender.head().size).find_all(std::set(leaves.begin(), leaves.end()));
  if (!known) return std::move(known).error();
  std::vector<Placed> out;
  std::vector<std::string> batch;
  for (size_t i = 0; i < named.size(); ++i) {
    const uint64_t next = appender.head().size + batch.size();
    const auto [place, is_new] = known->try_emplace(leaves[i], next);
    out.push_back({named[i].name, place->second, is_new});
    if (is_new) batch.push_back(named[i].entry);
    if (batch.size() != claims::Appender::kBatchMax && i + 1 != named.size()) continue;
    if (auto status = appender.append(batch); !status) return std::move(status).error();
    batch.clear();
  }
  return out;
}

// Each line is an entry. Lines are read in batches, so that a file of any length will do.
Status append_lines(const std::string& file, ProgressBar& bar, claims::Appender& appender) {
  const auto opened = ReadFile::open(file);
  if (!opened) return opened.error();
  std::ifstream in(file, std::ios::binary);
  bar.begin("append", opened->size(), Progress::Unit::bytes);
  std::vector<std::string> batch;
  uint64_t bytes = 0;
  for (std::string line; std::getline(in, line);) {
    bytes += line.size() + 1;
    batch.push_back(std::move(line));
    if (batch.size() != claims::Appender::kBatchMax) continue;
    if (auto status = appender.append(batch); !status) return status;
    bar.advance(std::exchange(bytes, 0));
    batch.clear();
  }
  if (in.bad()) return Error(ErrorCode::io, cat(escaped(file), ": cannot read"));
  auto status = appender.append(batch);
  bar.end();
  return status;
}

int append_to_log(const LogAppendOptions& options) {
  const Stopwatch stopwatch;
  if (options.bundles.empty() == options.lines.empty()) {
    return fail(Error(ErrorCode::invalid_argument, "what to append: bundles or --lines, not both"));
  }
  const auto signer = read_note_signer(options.key);
  if (!signer) return fail(signer.error());
  auto named = read_entries(options.bundles, options.public_key);
  if (!named) return fail(named.error());
  auto appender = claims::Appender::open(options.folder, *signer);
  if (!appender) return fail(appender.error());
  const uint64_t before = appender->head().size;
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  auto placed = append_named(options, *named, *appender);
  if (!placed) return fail(placed.error());
  if (!options.lines.empty()) {
    const auto status = append_lines(options.lines, bar, *appender);
    if (!status) return fail(status.error());
  }
  const Appended appended{before, appender->head(), signer->name(), *std::move(placed),
                          stopwatch.seconds()};
  say(options.common.json ? append_json(options, appended) : append_text(options, appended));
  return kYes;
}

}  // namespace

void add_log_append(Command log, Action& action) {
  auto options = std::make_shared<LogAppendOptions>();
  Command command = log.add_subcommand("append", "append the entries of signed bundles");
  command.example(
      "weightmark log append log mark.commitment.sigstore.json --log-key log.key "
      "--public-key release.pub");
  command.add_option("log", options->folder, "folder of the log").required();
  command.add_option("bundle", options->bundles,
                     "bundle (.sigstore.json), or file with one a line (.jsonl)");
  command.add_option("--log-key", options->key, "key of the log").required();
  command.add_option("--public-key", options->public_key,
                     "PEM key of the signer, for bundles without a certificate");
  command.add_option("--lines", options->lines,
                     "append each line of this file as an entry, as it is");
  add_output_options(command, options->common);
  command.callback([options, &action] { action = [options] { return append_to_log(*options); }; });
}

}  // namespace wmk::cli
