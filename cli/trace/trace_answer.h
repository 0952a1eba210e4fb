// What `trace` found, as text and as JSON.
//
// Lifetime: refers to the trace. Thread-safety: pure functions.
#pragma once

#include <string>

#include "verify/trace/trace.h"

namespace wmk::cli {

struct TraceView {
  const verify::Trace& found;
  std::string model, fingerprint;  // its path; of the key
  bool base_subtracted = false;
  double seconds = 0;
};

std::string trace_text(const TraceView& view);
std::string trace_json(const TraceView& view);

}  // namespace wmk::cli
