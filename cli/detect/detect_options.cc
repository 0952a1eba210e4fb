#include "cli/detect/detect_options.h"

#include <utility>

namespace wmk::cli {

void require_key(const DetectOptions& options) {
  if (options.key.path.empty() && !options.disclosure.given()) missing("--key");
  if (!options.disclosure.given() &&
      (!options.disclosure.commitment.empty() || options.disclosure.trust.names_signer())) {
    missing("--disclosure");
  }
}

namespace {

// --part with its file, and --merge.
std::pair<Option, Option> add_part_options(Command command, DetectOptions& options) {
  Option part = command.add_option("--part", options.part,
                                   "I/N: read only part I of N of the weights, and write its sums");
  Option output =
      command.add_option("-o,--out", options.part_output, "file of the part (mode 0600)");
  Option merge = command.add_arguments(
      "--merge", options.merge, "the files of all parts: answer from their sums, behind the model");
  part.needs(output);
  output.needs(part);
  merge.excludes(part);
  return {part, merge};
}

}  // namespace

void add_detect_options(Command command, DetectOptions& options) {
  Option model = command.add_option("model", options.model,
                                    "folder, weights file or index; none with --logits");
  Option base =
      command.add_option("--base", options.base, "base model, if MODEL is an adapter (LoRA, DoRA)");
  Option key = add_key_options(command, options.key);
  key.required(false);
  Option record = command.add_option("--record", options.record,
                                     "the mark's record: supplies its frame and number of shares");
  const Option disclosure = add_disclosure_options(command, options.disclosure).front();
  Option control =
      command.add_option("--control", options.controls,
                         "an ancestor that must not show the mark in the same frame (repeatable)");
  std::vector<Option> of_weights = add_carry_options(command, options.carry);
  Option shares =
      command.add_option("--shares", options.shares, "number of shares of the mark, if known");
  Option share = command.add_option("--share", options.share, "read only this share (0 to 3)");
  share.excludes(shares);
  Option readings =
      command.add_option("--readings", options.readings,
                         "which readings of its tensors to try: declared, usual (default) or all");
  readings.one_of({"declared", "usual", "all"});
  Option sites = command.add_option(
      "--sites", options.sites,
      "sites to read, separated by commas: ffn, heads, output (default: ffn,heads)");
  Option full =
      command.add_flag("--full", options.full, "read all weights, even if a part is enough");
  Option by_layer =
      command.add_flag("--by-layer", options.by_layer, "also report z of each layer and expert");
  const auto [part, merge] = add_part_options(command, options);
  for (Option other : {control, by_layer}) other.excludes(part);
  for (Option other : {part, merge}) other.excludes(disclosure);
  of_weights.insert(of_weights.end(), {disclosure, base, control, share, readings, sites, full,
                                       by_layer, part, merge});
  add_logits_options(command, model, options.logits, of_weights);
  Option report = command.add_option("--report", options.report,
                                     "write the result as an HTML page to this file");
  report.excludes(part);
  command.add_flag("--force", options.force, "replace an existing report or part");
  Option alpha =
      command.add_option("--alpha", options.alpha, "false-positive rate of 'detected' (1e-9)");
  for (Option other : {key, record, shares, share, alpha}) other.excludes(disclosure);
  add_common_options(command, options.common);
}

}  // namespace wmk::cli
