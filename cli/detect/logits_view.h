// What `detect --logits` found, as text, as JSON and as an HTML page.
//
// Lifetime: refers to the detection and the inputs. Thread-safety: one thread.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "cli/detect/logits_command.h"
#include "cli/file_digests.h"
#include "verify/logits/logits_detect.h"

namespace wmk::cli {

struct LogitsView {
  const verify::LogitsDetection& found;
  const LogitsInputs& inputs;
  std::string fingerprint;  // of the key
  double seconds = 0;
  std::vector<FileDigest> files = {};  // logits, then what describes their tokens; not for text
};

inline constexpr std::string_view kLogitsMeaning =
    "the logits were computed by this release's head, by one trained on from it, or by one fitted "
    "to its logits; this says nothing of the layers below";

std::string logits_text(const LogitsView& view);
std::string logits_json(const LogitsView& view);
// One self-contained page. The same finding always gives the same bytes.
std::string logits_page(const LogitsView& view);

// Site, source and claim of an answer in logits.
void write_logits_claim(const verify::Claim& claim, json::Writer& out);

}  // namespace wmk::cli
