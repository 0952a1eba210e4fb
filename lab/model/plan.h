// A plan of weights files: what each tensor of a new checkpoint will hold, and how it is made.
//
// Purpose: an attack does not change numbers, it appends edits to tensors of a plan; the numbers
// are read, edited, rounded and written one tensor a worker when the plan is carried out. So memory
// is a few tensors, whatever the size of the model, and tensors that nobody touched are copied byte
// for byte. This is the lab, not the streaming path: one tensor at a time must fit in memory as
// floats. Lifetime: a plan shares ownership of the checkpoint it reads; edits own what they need.
// Thread-safety: build a plan in one thread; sources and edits are called from workers, one worker
// a tensor, and must not change what they share.
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
  std::optional<size_t> origin;            // tensor of the base checkpoint this one came from
  std::function<Result<Values>()> source;  // none: the values of `origin`
  std::vector<std::function<Status(Values&)>> edits;

  uint64_t elements() const;
  uint64_t bytes() const;
  uint64_t columns() const { return shape.empty() ? 1 : shape.back(); }
  uint64_t rows() const { return columns() == 0 ? 0 : elements() / columns(); }
};

struct Plan {
  using Metadata = std::vector<std::pair<std::string, std::string>>;

  std::shared_ptr<const checkpoint::Checkpoint> base;  // none where every tensor has a source
  std::vector<PlannedTensor> tensors;                  // order within a file is order in the file
  std::vector<std::string> files;                      // names of the weights files
  std::vector<Metadata> metadata;                      // by file
  std::string index_name = "model.safetensors.index.json";

  PlannedTensor* find(std::string_view name);
  // The tensor that came from tensor `origin` of the base; attacks that removed it do not ask.
  PlannedTensor& at_origin(size_t origin);
  const PlannedTensor& at_origin(size_t origin) const {
    return const_cast<Plan*>(this)->at_origin(origin);
  }
  // All tensors in `count` files of about equal size, none of them empty, in their present order.
  // There are at least `count` tensors.
  void spread(size_t count);
};

// "model.safetensors", or "model-00001-of-00003.safetensors" and so on.
std::vector<std::string> shard_names(uint64_t count);

// The values the tensor will have before rounding; `base` may be null where it has a source.
// Integers and other types that do not hold plain weights are an Error (unsupported).
Result<Values> values_of(const checkpoint::Checkpoint* base, const PlannedTensor& tensor);

// Writes the weights files, and an index where there are several, into an existing folder.
Status write_weights(const Plan& plan, const std::filesystem::path& folder, unsigned threads,
                     Progress* progress);

}  // namespace wmk::lab
