// The acquisition file: where the suspect came from, and who vouches for it (specs/arbitration.md
// 2).
//
// Purpose: the arbitrator's own record; parsed strictly, because a claimant may have drafted it.
// Lifetime and thread-safety: plain values; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk::claims {

inline constexpr uint64_t kAcquisitionBytesMax = 1 << 20;

// Who says that these bytes are the accused party's, best first.
enum class Custody { accused_signature, platform_digest, arbitrator, claimant, nobody };
std::string_view to_string(Custody custody);
// "the accused party's own signature".
std::string_view custody_words(Custody custody);

// A public model that the suspect was made from, or shares tensors with.
struct Ancestor {
  std::string name;
  int64_t published = 0;
  Bytes root;  // of its files; empty: not stated
};

// How logits were collected.
struct LogitsAccess {
  std::string endpoint, model;  // as told by the service
  Bytes prompts, answers;       // SHA-256
  std::string collector;
  bool prompts_fixed_before = false, all_columns = false, without_key = false;
};

struct Acquisition {
  std::string source, acquirer;
  int64_t acquired = 0;
  std::optional<int64_t> published;  // of the suspect
  Custody custody = Custody::nobody;
  std::string voucher;  // who vouches, in words
  Bytes root;           // of the suspect's files; for logits empty
  // accused_signature: the OMS bundle of the accused over the suspect, relative to the file.
  std::string seal;
  std::optional<std::vector<Ancestor>> ancestors;  // nullopt: not examined
  std::vector<std::string> access;                 // who else had the files, one sentence each
  std::optional<LogitsAccess> logits;
};

// When the suspect was there at the latest: what is younger may have been made with sight of it.
inline int64_t there_by(const Acquisition& from) { return from.published.value_or(from.acquired); }

// Errors (malformed): not this JSON, unknown or missing members, a time that is none.
Result<Acquisition> parse_acquisition(std::string text);

}  // namespace wmk::claims
