// A plan of weights files: the tensors of a new checkpoint and how their values are computed.
//
// Purpose: an attack appends edits to the tensors of a plan. When the plan is executed, each worker
// reads, edits, rounds and writes one tensor at a time, so memory use is one tensor (as floats) for
// each thread, whatever the size of the model. Tensors without edits are copied byte for byte.
// Lifetime: a plan shares ownership of the checkpoint it reads; edits own their data.
// Thread-safety: build a plan in one thread. Sources and edits are called by workers, one worker
// for each tensor, and must not modify shared data.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "checkpoint/checkpoint.h"

namespace wmk::lab {

using Values = std::vector<float>;  // of one tensor, row-major

struct PlannedTensor {
  std::string name;
  checkpoint::DType dtype = checkpoint::DType::f32;
  std::vector<uint64_t> shape;
  uint32_t file = 0;                       // index into Plan::files
  std::optional<size_t> origin;            // the tensor of the base checkpoint it is made from
  std::function<Result<Values>()> source;  // empty: the values of `origin`
  std::vector<std::function<Status(Values&)>> edits;

  uint64_t elements() const;
  uint64_t bytes() const;
  uint64_t columns() const { return shape.empty() ? 1 : shape.back(); }
  uint64_t rows() const { return columns() == 0 ? 0 : elements() / columns(); }
};

struct Plan {
  using Metadata = std::vector<std::pair<std::string, std::string>>;

  std::shared_ptr<const checkpoint::Checkpoint> base;  // null if every tensor has a source
  std::vector<PlannedTensor> tensors;                  // those of one file in the order of the file
  std::vector<std::string> files;                      // names of the weights files
  std::vector<Metadata> metadata;                      // by file
  std::string index_name = "model.safetensors.index.json";

  PlannedTensor* find(std::string_view name);
  // The tensor made from tensor `origin` of the base, which must not have been removed.
  PlannedTensor& at_origin(size_t origin);
  const PlannedTensor& at_origin(size_t origin) const {
    return const_cast<Plan*>(this)->at_origin(origin);
  }
  // Distributes the tensors over `count` non-empty files of about equal size, keeping their order.
  // Requires at least `count` tensors.
  void spread(size_t count);
};

// "model.safetensors", or "model-00001-of-00003.safetensors" and so on.
std::vector<std::string> shard_names(uint64_t count);

// The values of the tensor before rounding. `base` may be null if the tensor has a source. Types
// that do not hold plain weights, such as integers, are an Error (unsupported).
Result<Values> values_of(const checkpoint::Checkpoint* base, const PlannedTensor& tensor);

// Writes the weights files, and an index if there are several, into an existing folder.
Status write_weights(const Plan& plan, const std::filesystem::path& folder, unsigned threads,
                     Progress* progress);

}  // namespace wmk::lab
