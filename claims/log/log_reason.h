// Why a log, a proof or a checkpoint is not valid: stable codes for scripts (specs/log.md 9).
//
// Purpose: a check collects all reasons that it finds. Malformed input is an Error instead.
// Lifetime and thread-safety: plain values; one caller.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wmk::claims {

enum class LogCode : uint8_t {
  log_unknown,
  log_signature,
  witness_signature,
  quorum,
  not_included,
  inconsistent,
  entries_missing,
  entries_malformed,
  tile_missing,
  tile_differs,
  root_differs,
  old_size,
};

// The name in JSON: "log_unknown".
std::string_view to_string(LogCode code);

struct LogReason {
  LogCode code;
  std::string text;  // safe to print
};

struct LogReasons {
  std::vector<LogReason> list;

  // Adds a reason and returns false, so that checks can return the call.
  bool no(LogCode code, std::string text) {
    list.push_back({code, std::move(text)});
    return false;
  }
  bool good() const { return list.empty(); }
};

}  // namespace wmk::claims
