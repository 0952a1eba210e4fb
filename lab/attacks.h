// The catalogue of attacks. A new attack is one file and one entry in attacks.cc.
//
// Thread-safety: constants.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "lab/attack.h"

namespace wmk::lab {

const std::vector<Attack>& attacks();
const Attack* find_attack(std::string_view name);

struct AttackOutcome {
  uint64_t tensors = 0;  // of the copy
  uint64_t bytes = 0;    // of its weights
  std::vector<std::string> notes;
};

struct AttackOutput {
  std::filesystem::path folder;
  bool replace = false;
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// Applies the attack and writes the attacked copy.
Result<AttackOutcome> run_attack(const Attack& attack, const Arguments& arguments, Model model,
                                 const AttackOutput& output);

}  // namespace wmk::lab
