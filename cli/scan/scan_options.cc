#include "cli/scan/scan_options.h"

#include "base/text.h"

namespace wmk::cli {

std::vector<std::string> ScanOptions::decisive() const {
  std::vector<std::string> out = {cat("readings=", detect.readings)};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.push_back(cat(name, "=", value));
  };
  add("sites", detect.sites);
  if (detect.shares) add("shares", to_text(*detect.shares));
  if (detect.full) out.push_back("full");
  add("release", remote::without_secrets(detect.carry.release));
  add("original", remote::without_secrets(detect.carry.original));
  for (const std::string& path : detect.controls) add("control", remote::without_secrets(path));
  for (const std::string& record : records) add("record", record);
  add("naming", detect.common.naming);
  return out;
}

void add_scan_options(Command command, ScanOptions& options) {
  DetectOptions& detect = options.detect;
  command.add_option("list", options.list, "a file that names a suspect on each line").required();
  command.add_option("-o,--out", options.results, "where each suspect becomes a line of JSON")
      .required();
  command.add_option("--key", options.keys, "a mark key (repeatable)").required();
  command.add_option("--passphrase-file", detect.key.passphrase_file,
                     "file whose first line opens the sealed keys");
  command.add_option("--record", options.records,
                     "record of a mark of one of the keys (repeatable)");
  command.add_option("--control", detect.controls,
                     "an ancestor that must not show the mark in the same frame (repeatable)");
  add_carry_options(command, detect.carry);
  command.add_option("--shares", detect.shares, "number of shares of the marks, if known");
  Option readings =
      command.add_option("--readings", detect.readings,
                         "which readings of its tensors to try: declared, usual (default) or all");
  readings.one_of({"declared", "usual", "all"});
  command.add_option("--sites", detect.sites,
                     "sites to read, separated by commas: ffn, heads, output (default: ffn,heads)");
  command.add_flag("--full", detect.full, "read all weights, even if a part is enough");
  command.add_option("--alpha", detect.alpha,
                     "false-positive rate of 'detected' for the whole list (1e-9)");
  Option jobs = command.add_option("--jobs", options.jobs,
                                   "suspects at the same time, each with all threads (4)");
  jobs.at_most(64);
  command.add_flag("--retry", options.retry, "try again what ended in an error");
  command.add_flag("--force", options.force, "begin anew, and replace existing results of a scan");
  add_common_options(command, detect.common);
}

}  // namespace wmk::cli
