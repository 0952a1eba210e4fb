// The licensees of a trace, as text and as JSON: who is named, in which round and at what price.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "verify/licensees/rounds.h"

namespace wmk::cli {

// A line for everybody who is named, and for at least the first five.
std::string licensees_text(const std::vector<verify::LicenseeZ>& best, size_t named);
// The member `licensees`.
void write_licensees(const std::vector<verify::LicenseeZ>& best, json::Writer& out);

}  // namespace wmk::cli
