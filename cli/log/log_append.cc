// `log append`.
#include <algorithm>
#include <fstream>

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

struct Appended {
  uint64_t before;
  crypto::TreeHead head;
  std::string origin;
  std::vector<NamedEntry> named;
  double seconds;
};

std::string append_json(const LogAppendOptions& options, const Appended& a) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/log-append/v1").member("path", options.folder);
  out.member("origin", a.origin).member("first", a.before).member("size", a.head.size);
  out.member("root", to_hex(a.head.root)).key("entries").begin_array();
  for (size_t i = 0; i < a.named.size(); ++i) {
    out.begin_object().member("index", a.before + i).member("path", a.named[i].name).end_object();
  }
  return out.end_array().member("seconds", a.seconds).end_object().finish();
}

std::string append_text(const LogAppendOptions& options, const Appended& a) {
  std::string out = cat("appended: ", entries_text(a.head.size - a.before), ", ", a.origin,
                        " now has ", a.head.size, "\n");
  for (size_t i = 0; i < std::min(a.named.size(), kNamesMax); ++i) {
    out += cat("  entry ", a.before + i, ": ", escaped(a.named[i].name), "\n");
  }
  if (a.named.size() > kNamesMax) out += cat("  and ", a.named.size() - kNamesMax, " more\n");
  out += cat("  root ", to_hex(a.head.root), "\n");
  if (a.head.size == 0) return out;
  return out + cat("  next: weightmark log prove ", escaped(options.folder), " --index ",
                   a.head.size - 1, " -o FILE.tlog-proof\n");
}

Status append_named(const std::vector<NamedEntry>& named, claims::Appender& appender) {
  std::vector<std::string> batch;
  for (size_t i = 0; i < named.size(); ++i) {
    batch.push_back(named[i].entry);
    if (batch.size() != claims::Appender::kBatchMax && i + 1 != named.size()) continue;
    if (auto status = appender.append(batch); !status) return status;
    batch.clear();
  }
  return {};
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
  const auto status = options.lines.empty() ? append_named(*named, *appender)
                                            : append_lines(options.lines, bar, *appender);
  if (!status) return fail(status.error());
  const Appended appended{before, appender->head(), signer->name(), std::move(*named),
                          stopwatch.seconds()};
  say(options.common.json ? append_json(options, appended) : append_text(options, appended));
  return kYes;
}

}  // namespace

void add_log_append(Command log, Action& action) {
  auto options = std::make_shared<LogAppendOptions>();
  Command command = log.add_subcommand("append", "append the entries of signed bundles");
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
