// A checkpoint opened for an attack, and the plan of its attacked copy.
//
// Purpose: attacks read `checkpoint`, `anatomy` and `config`, append edits to `plan` and replace
// companion files (config.json, tokenizer.json); save() executes the plan.
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
  // From parts that are already open; `anatomy` is that of `checkpoint`.
  static Result<Model> make(checkpoint::Checkpoint checkpoint, checkpoint::Config config,
                            checkpoint::Anatomy anatomy);

  const checkpoint::Checkpoint& checkpoint() const { return *plan_.base; }
  const checkpoint::Anatomy& anatomy() const { return anatomy_; }
  const checkpoint::Config& config() const { return config_; }
  Plan& plan() { return plan_; }
  const Plan& plan() const { return plan_; }

  // The current content of a JSON document beside the weights; nullopt if there is no such file.
  Result<std::optional<JsonTree>> companion(const std::string& name) const;
  void replace_companion(const std::string& name, const JsonTree& tree);
  // Calls `edit` on config.json, if it exists, and on its text_config, if it has one.
  Status edit_config(const std::function<void(JsonTree&)>& edit);

  // Tells the user what an attack could not do.
  void note(std::string_view text) { notes_.emplace_back(text); }
  const std::vector<std::string>& notes() const { return notes_; }

  // Writes the copy as folder `out`: the weights, and all other files of the model's folder.
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
