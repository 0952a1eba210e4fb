// A Model of the facade as a folder that the modules can open.
//
// Purpose: tensors in memory become a safetensors file that is made of the caller's memory: its
// header is ours, its data are theirs. It is mounted in a temporary folder beside copies of config
// and tokenizer, so that nothing above knows of memory. Lifetime: refers to the caller's tensors;
// the folder is removed at the end. Thread-safety: one caller.
#pragma once

#include <memory>
#include <optional>

#include "base/files/memory_bytes.h"
#include "base/files/private_folder.h"
#include "library/models/open_model.h"
#include "weightmark/model.h"

namespace wmk::library {

class ModelAccess {
 public:
  // Errors: tensors whose type, shape and size do not agree; a folder that cannot be read.
  static Result<ModelAccess> open(const weightmark::Model& model);
  ModelAccess(ModelAccess&& other) noexcept = default;
  ModelAccess& operator=(ModelAccess&&) = delete;

  const ModelPlace& place() const { return place_; }
  bool is_memory() const { return mount_.has_value(); }
  // The file that the tensors in memory are.
  std::string weights() const;

 private:
  ModelAccess() = default;
  Status mount(const weightmark::Model& model);

  ModelPlace place_;
  std::optional<PrivateFolder> folder_;
  std::unique_ptr<std::string> header_;
  std::optional<Mount> mount_;
};

// Where the model is, or a place without a path. Added to `accesses`, which keep its tensors in
// place.
Result<ModelPlace> place_of(const std::optional<weightmark::Model>& model,
                            std::vector<ModelAccess>& accesses);

}  // namespace wmk::library
