// The answer of `inspect`, as text and as JSON.
//
// Lifetime: refers to the inspection and its model. Thread-safety: pure functions.
#pragma once

#include <string>

#include "library/models/inspection.h"

namespace wmk::cli {

struct InspectView {
  const library::Inspection& found;
  std::string path;
  bool list_tensors = false;
};

std::string inspect_json(const InspectView& view);
std::string inspect_text(const InspectView& view);

}  // namespace wmk::cli
