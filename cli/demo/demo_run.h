// A complete example in steps: a model, keys, a marked copy, two attacks, detection, a verdict.
//
// Lifetime: refers to its options and its folder. Thread-safety: main thread only.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/files/private_folder.h"
#include "cli/command.h"
#include "crypto/secret.h"
#include "verify/detect.h"

namespace wmk::cli {

struct DemoOptions {
  std::string model;  // empty: a synthetic one
  uint64_t seed = 1;
  bool keep = false;
  CommonOptions common;
};

// Each step prints what it did. An Error in any step ends the run.
class DemoRun {
 public:
  DemoRun(const DemoOptions& options, const PrivateFolder& folder)
      : options_(options), folder_(folder) {}

  // The exit code.
  Result<int> run() {
    for (const auto step : {&DemoRun::find_model, &DemoRun::make_keys, &DemoRun::mark,
                            &DemoRun::detect_in_copy, &DemoRun::upcycle, &DemoRun::rotate}) {
      if (Status status = (this->*step)(); !status) return std::move(status).error();
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
                                   const crypto::SecretBytes& key,
                                   verify::ReadingScope scope) const;
  Result<int> last_verdict();

  const DemoOptions& options_;
  const PrivateFolder& folder_;
  std::filesystem::path model_, marked_, suspect_;
  crypto::SecretBytes owner_ = crypto::SecretBytes::zeros(0),
                      unrelated_ = crypto::SecretBytes::zeros(0);
  verify::Detection with_owner_, with_unrelated_;
};

}  // namespace wmk::cli
