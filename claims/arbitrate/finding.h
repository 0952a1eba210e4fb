// What an arbitration reports: findings, each with its evidence, and the ruling
// (specs/arbitration.md 3, 4).
//
// Purpose: each finding is one link of the chain from a claim to a suspect, reported by itself and
// never folded into one number. Lifetime and thread-safety: plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "claims/arbitrate/trusted_keys.h"

namespace wmk::claims {

// open: neither shown nor refuted by what lies before the arbitrator.
enum class FindingVerdict { pass, fail, open };
// "pass", "fail", "open".
constexpr std::string_view to_string(FindingVerdict verdict) {
  return verdict == FindingVerdict::pass   ? "pass"
         : verdict == FindingVerdict::fail ? "fail"
                                           : "open";
}

// Whose signature a finding rests on.
struct KnownSigner {
  std::string name;         // "keys/accused.pem", or an identity; safe to print
  std::string fingerprint;  // hexadecimal SHA-256 of the public key as PEM
  Role role = Role::none;   // that a file name of the trust folder gives it

  // "keys/accused.pem, fingerprint ...", and that nothing binds it.
  std::string text() const;
};

struct Finding {
  std::string name;  // "integrity", "time", ... (specs/arbitration.md 3)
  FindingVerdict verdict = FindingVerdict::open;
  std::string code;                        // stable, for scripts: "log_uncounted"
  std::string text;                        // a clause, safe to print
  std::vector<std::string> evidence = {};  // digests in hexadecimal
  std::optional<KnownSigner> signer = {};
};

// What follows from all findings. refused: the claim's own papers are bad, so no model was read.
enum class Ruling { conclusive, detected, undecided, not_found, refused };
std::string_view to_string(Ruling ruling);

}  // namespace wmk::claims
