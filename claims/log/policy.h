// Policies: which logs and which witnesses are trusted (C2SP tlog-policy; specs/log.md 7).
//
// Purpose: a checkpoint is valid if one of the logs signed it and a quorum of witnesses cosigned
// it. Lifetime: values. Thread-safety: reading from any thread is safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "claims/log/log_reason.h"
#include "crypto/note_key.h"

namespace wmk::claims {

inline constexpr uint64_t kPolicyBytesMax = 1 << 20;
inline constexpr size_t kPolicyLinesMax = 1024;  // logs, witnesses and groups together

struct PolicyLog {
  crypto::NoteVerifier key;
  std::string url;  // may be empty
};

struct PolicyWitness {
  std::string name;  // inside the policy; the key's name is another one
  crypto::NoteVerifier key;
  std::string url;
};

// A signed note whose text is a checkpoint, before any signature is checked.
struct SignedCheckpoint {
  crypto::SignedNote note;
  crypto::LogCheckpoint checkpoint;
};
Result<SignedCheckpoint> parse_signed_checkpoint(std::string_view text);

struct Cosigned {
  std::string name;  // of the witness in the policy
  uint64_t time;     // Unix seconds
};
struct TrustedCheckpoint {
  std::string origin;
  crypto::TreeHead head;
  std::vector<Cosigned> witnesses;
};

class Policy {
 public:
  static Result<Policy> parse(std::string_view text);
  // Trusts one log, without witnesses.
  static Policy of_log(crypto::NoteVerifier log);

  const std::vector<PolicyLog>& logs() const { return logs_; }
  const std::vector<PolicyWitness>& witnesses() const { return witnesses_; }
  bool needs_witnesses() const { return quorum_.has_value(); }
  // Whether witnesses with these names are a quorum.
  bool is_quorum(const std::vector<Cosigned>& witnesses) const;
  // If the checkpoint is not valid: nullopt, with the reasons.
  std::optional<TrustedCheckpoint> judge(const SignedCheckpoint& checkpoint,
                                         LogReasons& reasons) const;
  // The same without the quorum: a log signed it, and no known signature is wrong.
  std::optional<TrustedCheckpoint> judge_log(const SignedCheckpoint& checkpoint,
                                             LogReasons& reasons) const;

 private:
  friend class PolicyParser;
  Policy() = default;
  // A witness, or a group, whose members come before it.
  struct Node {
    std::string name;
    std::vector<size_t> members;  // empty: a witness
    size_t threshold = 1;
    bool is_member = false;  // of a group
  };
  std::vector<PolicyLog> logs_;
  std::vector<PolicyWitness> witnesses_;
  std::vector<Node> nodes_;
  std::optional<size_t> quorum_;
};

}  // namespace wmk::claims
