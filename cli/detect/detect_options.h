// The options of `detect`.
//
// Lifetime: values. Thread-safety: one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/detect/carry_options.h"
#include "cli/detect/detect_view.h"
#include "cli/detect/disclosure_options.h"
#include "cli/detect/logits_command.h"

namespace wmk::cli {

struct DetectOptions {
  CommonOptions common;
  KeyOptions key;
  std::string model, base, record, report;
  std::vector<std::string> controls;
  std::string part, part_output;   // I/N, and its file
  std::vector<std::string> merge;  // files of all parts
  std::string readings = "usual";
  std::string sites;
  CarryOptions carry;
  LogitsInputs logits;
  DisclosureOptions disclosure;
  std::optional<unsigned> shares, share;
  bool full = false;
  bool by_layer = false, force = false;
  double alpha = verify::kDefaultAlpha;
};

void add_detect_options(Command command, DetectOptions& options);

// Ends the parsing with an error if neither a key nor a disclosure was named.
void require_key(const DetectOptions& options);

}  // namespace wmk::cli
