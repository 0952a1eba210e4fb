// Parts of answers about any signed statement: signer, times, reasons.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sign/verify_model.h"

namespace wmk::cli {

inline constexpr size_t kReasonsShown = 50;

// Indented lines, or empty.
std::string signer_text(const sign::Verification& verification);
std::string times_text(const sign::Verification& verification);
std::string reasons_text(const std::vector<sign::Reason>& reasons);
// The members "verdict" ("good" or "bad"), "reasons" and "notes".
void write_findings(const sign::Findings& findings, json::Writer& out);
// The members "proven_times" and "claimed_times".
void write_times(const sign::Verification& verification, json::Writer& out);

}  // namespace wmk::cli
