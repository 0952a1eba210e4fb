#include "lab/model/plan.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::lab {

uint64_t PlannedTensor::elements() const {
  uint64_t count = 1;
  for (const uint64_t extent : shape) count *= extent;
  return count;
}

uint64_t PlannedTensor::bytes() const { return elements() * checkpoint::bits(dtype) / 8; }

PlannedTensor* Plan::find(std::string_view name) {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

PlannedTensor& Plan::at_origin(size_t origin) {
  // Fast path: no attack has removed or reordered tensors.
  if (origin < tensors.size() && tensors[origin].origin == origin) return tensors[origin];
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const auto& t) { return t.origin == origin; });
  assert(found != tensors.end());
  return *found;
}

void Plan::spread(size_t count) {
  uint64_t total = 0, before = 0;
  for (const PlannedTensor& tensor : tensors) total += tensor.bytes();
  const double share = static_cast<double>(total) / static_cast<double>(count);
  uint32_t file = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    tensors[i].file = file;
    before += tensors[i].bytes();
    const size_t tensors_left = tensors.size() - i - 1, files_left = count - file - 1;
    const bool is_full = static_cast<double>(before) >= share * (file + 1);
    if (files_left > 0 && (is_full || tensors_left == files_left)) ++file;
  }
}

static std::string padded(uint64_t number) {
  const std::string text = to_text(number);
  return std::string(text.size() < 5 ? 5 - text.size() : 0, '0') + text;
}

std::vector<std::string> shard_names(uint64_t count) {
  if (count == 1) return {"model.safetensors"};
  std::vector<std::string> names;
  for (uint64_t shard = 1; shard <= count; ++shard) {
    names.push_back(cat("model-", padded(shard), "-of-", padded(count), ".safetensors"));
  }
  return names;
}

static Result<Values> stored_values(const checkpoint::Checkpoint& base, size_t origin) {
  const checkpoint::Tensor& stored = base.tensors()[origin];
  if (!checkpoint::is_weight_type(stored.dtype)) {
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(stored.name), "': attacks cannot change ",
                     checkpoint::to_string(stored.dtype), " values"));
  }
  Bytes bytes(stored.bytes);
  if (auto status = base.read(stored, 0, bytes); !status) return std::move(status).error();
  Values values(stored.elements());
  checkpoint::widen(stored.dtype, bytes, values);
  return values;
}

Result<Values> values_of(const checkpoint::Checkpoint* base, const PlannedTensor& tensor) {
  assert(tensor.source || tensor.origin);
  auto values = tensor.source ? tensor.source() : stored_values(*base, *tensor.origin);
  if (!values) return values;
  for (const auto& edit : tensor.edits) {
    if (auto status = edit(*values); !status) {
      return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
    }
  }
  assert(values->size() == tensor.elements());
  return values;
}

}  // namespace wmk::lab
