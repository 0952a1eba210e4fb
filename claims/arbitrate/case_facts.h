// Everything that an arbitration found out, before any of it is judged.
//
// Purpose: separates reading (files, logs, models) from deciding, which is a pure function of these
// facts (decide.h). Lifetime: refers to the parties. Thread-safety: plain values.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "claims/arbitrate/acquisition.h"
#include "claims/arbitrate/finding.h"
#include "claims/arbitrate/party.h"
#include "claims/arbitrate/party_proofs.h"
#include "report/level.h"
#include "verify/claims/claim.h"

namespace wmk::claims {

// A public ancestor in which the same hypothesis was read.
struct ControlFacts {
  std::string path;
  Bytes root;  // of its files
  double z = 0;
  bool is_null = false;
};

// The disclosed share in the suspect.
struct LinkFacts {
  report::Level level = report::Level::undecided;
  double z = 0, expected_z = 0;
  double ln_p = 0, price = 1;  // p includes the price
  std::string frame;           // in words
  // The frame is the release's: recorded, shared or carried.
  bool is_release_frame = false;
  verify::Claim claim;
  std::string doubt;  // why the level is undecided, or empty
  std::vector<ControlFacts> controls = {};
};

// The accused party's seal over the suspect.
struct SealFacts {
  sign::Findings findings = {};  // why it is bad
  bool is_good = false;          // it is there, and by a known signer who is not the claimant
  KnownSigner signer = {};       // the one that was tried last
  std::string left_out = {};     // a file of the suspect that it ignores; empty: none

  bool is_accused() const { return is_good && signer.role == Role::accused; }
};

// The suspect's files as they lie before the arbitrator.
struct SuspectFacts {
  Bytes root;           // empty: logits
  SealFacts seal = {};  // if the acquisition names one
  // The digest of the answers (logits).
  Bytes answers = {};
};

// Whose mark shows in which model. Rows: the claimant's key, the opponent's. Columns below.
enum class CrossModel { claimant_release, opponent_release, suspect };
// "claimant_release".
inline constexpr const char* kCrossModels[] = {"claimant_release", "opponent_release", "suspect"};
struct CrossCell {
  double z = 0;
  bool is_shown = false;
};
struct CrossTable {
  std::array<std::array<std::optional<CrossCell>, 3>, 2> cells;

  const std::optional<CrossCell>& at(size_t key, CrossModel model) const {
    return cells[key][static_cast<size_t>(model)];
  }
};

struct CaseFacts {
  const Party& claimant;
  CommitmentCount count;
  const Party* opponent = nullptr;
  std::optional<Acquisition> acquisition = std::nullopt;
  SuspectFacts suspect = {};
  // Whether --release is the committed release: its files have the stated root.
  std::optional<bool> is_committed_release = std::nullopt;
  std::optional<LinkFacts> link = std::nullopt;  // nullopt: no model was read
  std::optional<CrossTable> cross = std::nullopt;
};

}  // namespace wmk::claims
