#include "cli/scan/scan_plan.h"

#include <algorithm>

#include "base/text.h"
#include "cli/scan/scan_header.h"
#include "cli/version.h"
#include "embed/scheme/fitting_record.h"

namespace wmk::cli {

namespace {

Status add_key(const KeyOptions& options, std::vector<Wanted>& wanted) {
  auto key = load_key(options);
  if (!key) return std::move(key).error();
  Wanted out;
  out.key = *std::move(key);
  const std::string fingerprint = out.fingerprint();
  const auto is_same = [&](const Wanted& each) { return each.fingerprint() == fingerprint; };
  if (std::none_of(wanted.begin(), wanted.end(), is_same)) wanted.push_back(std::move(out));
  return {};
}

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
               cat(escaped(path), ": belongs to none of the keys, but to ",
                   escaped(record->key_fingerprint)));
}

void add_texts(const char* name, const std::vector<std::string>& texts, json::Writer& out) {
  out.key(name).begin_array();
  for (const std::string& text : texts) out.value(text);
  out.end_array();
}

std::string header_of(const ScanPlan& plan, const ScanOptions& options) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/scan-lines/v1");
  out.member("suspects", static_cast<uint64_t>(plan.asked.suspects.size()));
  out.member("list", digest_of_shown(plan.asked.suspects)).key("addresses");
  const std::string hidden = digest_of_hidden(plan.asked.suspects, *plan.wanted.front().key);
  hidden.empty() ? out.null() : out.value(hidden);
  add_texts("keys", plan.asked.keys, out);
  out.member("alpha", options.detect.alpha).member("alpha_each", plan.alpha_each);
  add_texts("options", options.decisive(), out);
  add_texts("digests", plan.inputs.digests, out);
  return out.member("program", version_text()).end_object().finish();
}

}  // namespace

Result<ScanPlan> plan_scan(const ScanOptions& options) {
  ScanPlan out;
  auto suspects = read_suspects(options.list);
  if (!suspects) return std::move(suspects).error();
  out.asked.suspects = *std::move(suspects);
  Status status;
  for (const std::string& path : options.keys) {
    if (status) status = add_key({path, options.detect.key.passphrase_file}, out.wanted);
  }
  for (const std::string& path : options.records) {
    if (status) status = add_record(path, out.wanted);
  }
  if (!status) return std::move(status).error();
  for (const Wanted& each : out.wanted) out.asked.keys.push_back(each.fingerprint());
  auto inputs = check_inputs(options, out.wanted);
  if (!inputs) return std::move(inputs).error();
  out.inputs = *std::move(inputs);
  out.alpha_each = options.detect.alpha / static_cast<double>(out.asked.suspects.size()) /
                   static_cast<double>(out.wanted.size());
  out.asked.header = header_of(out, options);
  return out;
}

}  // namespace wmk::cli
