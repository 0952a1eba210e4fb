#include "cli/scan/scan_run.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/text.h"
#include "cli/version.h"
#include "embed/scheme/fitting_record.h"
#include "library/models/name_list.h"
#include "sign/digest.h"

namespace wmk::cli {

namespace {

constexpr uint64_t kListBytesMax = 256ull << 20;

Status add_record(const std::string& path, std::vector<Wanted>& wanted) {
  auto record = embed::read_fitting_record(path, {});
  if (!record) return std::move(record).error();
  for (Wanted& each : wanted) {
    if (each.fingerprint() != record->key_fingerprint) continue;
    if (each.record) {
      return Error(ErrorCode::invalid_argument,
                   cat(escaped(path), ": is the second record of its key"));
    }
    each.record = *std::move(record);
    return {};
  }
  return Error(ErrorCode::invalid_argument,
               cat(escaped(path), ": belongs to none of the keys, but ", "to ",
                   escaped(record->key_fingerprint)));
}

std::string error_json(const std::string& key, const Error& error) {
  json::Writer out;
  out.begin_object().member("key", key).key("error").begin_object();
  out.member("message", error.message()).key("hint");
  error.hint().empty() ? out.null() : out.value(error.hint());
  return out.end_object().end_object().finish();
}

// What `detect --json` prints, but for what was read over the network: that is told of the process.
Result<std::string> answer_of(const DetectOptions& options, const Wanted& wanted,
                              Result<checkpoint::ReadingList>& suspect) {
  const Stopwatch stopwatch;
  if (!suspect) return suspect.error();
  ProgressBar none(false);
  auto answered = detect_and_digest(options, wanted, *suspect, none);
  if (!answered) return std::move(answered).error();
  DetectView view = view_of(options, wanted, *answered);
  view.states_network = false;
  view.seconds = stopwatch.seconds();
  return detect_json(view);
}

// The line of a suspect.
std::string scanned(const DetectOptions& options, const std::vector<Wanted>& all) {
  auto suspect = open_suspect(options.model, options.common);
  std::string out = cat("{\"suspect\": ", json::quoted(options.model), ", \"answers\": [");
  for (const Wanted& wanted : all) {
    auto answer = answer_of(options, wanted, suspect);
    std::string json =
        answer ? *std::move(answer) : error_json(wanted.fingerprint(), answer.error());
    json.pop_back();  // its newline
    out += cat(&wanted == &all.front() ? "" : ", ", json);
  }
  return out + "]}\n";
}

}  // namespace

std::string ScanPlan::header(const ScanOptions& options) const {
  std::string list;
  for (const std::string& suspect : suspects) list += suspect + "\n";
  json::Writer out;
  out.begin_object().member("schema", "weightmark/scan-lines/v1");
  out.member("suspects", static_cast<uint64_t>(suspects.size()));
  out.member("list", to_hex(sign::sha256(as_bytes(list)))).key("keys").begin_array();
  for (const Wanted& each : wanted) out.value(each.fingerprint());
  out.end_array().member("alpha", options.detect.alpha).member("alpha_each", alpha_each);
  out.key("options").begin_array();
  for (const std::string& option : options.decisive()) out.value(option);
  return out.end_array().member("program", version_text()).end_object().finish();
}

Result<ScanPlan> plan_scan(const ScanOptions& options) {
  ScanPlan out;
  auto suspects = library::read_names(options.list, "suspect", kListBytesMax);
  if (!suspects) return std::move(suspects).error();
  out.suspects = *std::move(suspects);
  for (const std::string& path : options.keys) {
    auto key = load_key({path, options.detect.key.passphrase_file});
    if (!key) return std::move(key).error();
    out.wanted.emplace_back().key = *std::move(key);
  }
  for (const std::string& path : options.records) {
    if (Status status = add_record(path, out.wanted); !status) return std::move(status).error();
  }
  if (Status status = verify::check_alpha(options.detect.alpha); !status) {
    return std::move(status).error();
  }
  out.alpha_each = options.detect.alpha / static_cast<double>(out.suspects.size()) /
                   static_cast<double>(out.wanted.size());
  return out;
}

Status run_scan(const ScanOptions& options, const ScanPlan& plan, ScanResults& results) {
  std::vector<const std::string*> open;
  for (const std::string& suspect : plan.suspects) {
    const bool is_done = results.done().count(suspect) > 0;
    if (!is_done || (options.retry && results.failed().count(suspect) > 0)) {
      open.push_back(&suspect);
    }
  }
  const unsigned threads = options.detect.common.thread_count();
  const unsigned jobs = std::clamp(options.jobs, 1u, threads);
  ProgressBar bar(shows_progress(options.detect.common.progress, options.detect.common.quiet));
  bar.begin("suspects", plan.suspects.size(), Progress::Unit::steps);
  bar.advance(plan.suspects.size() - open.size());
  Status status = parallel_for(open.size(), jobs, [&](size_t i, unsigned) -> Status {
    DetectOptions of_this = options.detect;
    of_this.model = *open[i];
    of_this.alpha = plan.alpha_each;
    of_this.common.quiet = true;
    of_this.common.json = true;
    of_this.common.threads = std::max(1u, threads / jobs);
    Status written = results.append(scanned(of_this, plan.wanted));
    bar.advance(1);
    return written;
  });
  bar.end();
  return status;
}

}  // namespace wmk::cli
