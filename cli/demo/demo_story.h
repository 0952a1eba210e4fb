// The story of a mark, scene by scene: a model, a key, a marked copy, a thief, a verdict.
//
// Lifetime: refers to its options and its stage. Thread-safety: main thread only.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "cli/command.h"
#include "cli/demo/demo_stage.h"
#include "crypto/secret.h"
#include "verify/detect.h"

namespace wmk::cli {

struct DemoOptions {
  std::string model;  // empty: a made-up one
  uint64_t seed = 1;
  bool keep = false;
  CommonOptions common;
};

// The scenes of the demo, in order. Each says what it did; an Error ends the story.
class Story {
 public:
  Story(const DemoOptions& options, const Stage& stage) : options_(options), stage_(stage) {}

  Result<int> tell() {
    for (const auto scene : {&Story::find_model, &Story::make_keys, &Story::mark,
                             &Story::detect_in_copy, &Story::upcycle, &Story::rotate}) {
      if (Status status = (this->*scene)(); !status) return std::move(status).error();
    }
    return last_verdict();
  }

 private:
  Status find_model();
  Status make_keys();
  Status mark();
  Status detect_in_copy();
  Status upcycle();
  Status rotate();
  Status attack(const char* name, const std::map<std::string, std::string>& given,
                const char* folder);
  Status detect_with_both(const std::filesystem::path& suspect);
  Result<verify::Detection> detect(const std::filesystem::path& suspect,
                                   const crypto::SecretBytes& key) const;
  Result<int> last_verdict();

  const DemoOptions& options_;
  const Stage& stage_;
  std::filesystem::path model_, marked_, suspect_;
  crypto::SecretBytes owner_ = crypto::SecretBytes::zeros(0),
                      stranger_ = crypto::SecretBytes::zeros(0);
  verify::Detection with_owner_, with_stranger_;
};

}  // namespace wmk::cli
