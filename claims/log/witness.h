// Witnesses: what a log asks them, and what they sign (C2SP tlog-witness, tlog-cosignature;
// specs/log.md 8).
//
// Purpose: a witness cosigns a checkpoint if it continues the last one that it cosigned. It keeps
// that one in a folder, so that no log can show it two histories.
// Lifetime: plain values. Thread-safety: pure functions, which change the witness's folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "claims/log/policy.h"
#include "crypto/note_signer.h"

namespace wmk::claims {

inline constexpr uint64_t kRequestBytesMax = 128 << 10;

struct WitnessRequest {
  uint64_t old_size = 0;
  std::vector<crypto::TreeHash> path;  // from the old size to the checkpoint's
  std::string checkpoint;              // a signed note, verbatim
};
Result<WitnessRequest> parse_witness_request(std::string_view text);
std::string witness_request_text(const WitnessRequest& request);

struct Cosigning {
  const crypto::NoteSigner& signer;
  const Policy& policy;         // its logs are the ones that this witness knows
  std::filesystem::path state;  // a folder; what was cosigned lies in HASH/checkpoint
  uint64_t seconds;             // now
};

struct Cosignature {
  std::string line;  // the answer to the log
  std::string origin;
  crypto::TreeHead head;
};

// Errors: a malformed request or state. If the witness refuses: nullopt, with the reason. The state
// is on the disk before this returns.
Result<std::optional<Cosignature>> cosign(const WitnessRequest& request, const Cosigning& by,
                                          LogReasons& reasons);

// The signed note with these signature lines added; those that it has already are not repeated.
// Unknown signatures are left out. A wrong one by a known witness: nullopt, with the reason.
struct Attached {
  std::string note;
  size_t added = 0;
};
Result<std::optional<Attached>> attach(const std::string& note, std::string_view lines,
                                       const Policy& policy, LogReasons& reasons);

}  // namespace wmk::claims
