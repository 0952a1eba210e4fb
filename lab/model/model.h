// A model of the lab: a checkpoint opened for an attack, and the plan of its attacked copy.
//
// Purpose: attacks read `checkpoint`, `anatomy` and `config`, append edits to `plan` and replace
// companions (config.json, tokenizer.json); save() carries the plan out.
// Lifetime: `anatomy` describes the checkpoint as it was opened. An attack that adds, removes or
// reshapes tensors must be the last one before save(). Thread-safety: one owner.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/config.h"
#include "lab/model/json_tree.h"
#include "lab/model/plan.h"

namespace wmk::lab {

class Model {
 public:
  static Result<Model> open(const std::filesystem::path& path);
  // From the parts, where they are at hand; `anatomy` is that of `checkpoint`.
  static Result<Model> make(checkpoint::Checkpoint checkpoint, checkpoint::Config config,
                            checkpoint::Anatomy anatomy);

  const checkpoint::Checkpoint& checkpoint() const { return *plan_.base; }
  const checkpoint::Anatomy& anatomy() const { return anatomy_; }
  const checkpoint::Config& config() const { return config_; }
  Plan& plan() { return plan_; }
  const Plan& plan() const { return plan_; }

  // A JSON document beside the weights as it stands now; none: there is no such file.
  Result<std::optional<JsonTree>> companion(const std::string& name) const;
  void replace_companion(const std::string& name, const JsonTree& tree);
  // Calls `edit` on config.json, and on its text_config where it has one. No file: no call.
  Status edit_config(const std::function<void(JsonTree&)>& edit);

  // Things an attack could not do and the user should hear.
  void note(std::string_view text) { notes_.emplace_back(text); }
  const std::vector<std::string>& notes() const { return notes_; }

  // Writes the copy as folder `out`: weights, and all other files of the model's folder.
  Status save(const std::filesystem::path& out, bool replace, unsigned threads,
              Progress* progress) const;

 private:
  Model() = default;
  Status copy_companions(const std::filesystem::path& to) const;

  checkpoint::Anatomy anatomy_;
  checkpoint::Config config_;
  Plan plan_;
  std::map<std::string, std::string> replaced_;  // by file name
  std::vector<std::string> notes_;
};

}  // namespace wmk::lab
