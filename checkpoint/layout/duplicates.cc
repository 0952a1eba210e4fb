#include "checkpoint/layout/duplicates.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kCompareBytes = 1 << 20;

// Wrappers that loaders expect, best first; after them the shorter one counts.
constexpr std::array<std::string_view, 7> kExpected = {"model.",
                                                       "transformer.",
                                                       "gpt_neox.",
                                                       "model.decoder.",
                                                       "language_model.model.",
                                                       "model.language_model.",
                                                       ""};

std::string_view wrapper_of(const Tensor& tensor) {
  return std::string_view(tensor.name).substr(0, wrapper_length(tensor.name));
}

// Smaller is better.
auto rank_of(const Tensor& tensor) {
  const std::string_view wrapper = wrapper_of(tensor);
  const auto place = std::find(kExpected.begin(), kExpected.end(), wrapper) - kExpected.begin();
  return std::tuple(place, wrapper.size(), std::string_view(tensor.name));
}

Result<bool> are_equal(const Checkpoint& checkpoint, const Tensor& a, const Tensor& b) {
  if (a.shape != b.shape || a.dtype != b.dtype || a.bytes != b.bytes) return false;
  Bytes left, right;
  for (uint64_t at = 0; at < a.bytes; at += kCompareBytes) {
    left.resize(std::min(kCompareBytes, a.bytes - at));
    right.resize(left.size());
    auto status = checkpoint.read(a, at, left);
    if (status) status = checkpoint.read(b, at, right);
    if (!status) return std::move(status).error();
    if (left != right) return false;
  }
  return true;
}

}  // namespace

Result<Duplicates> hide_duplicates(const Checkpoint& checkpoint, NameTable& names) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  std::map<std::tuple<size_t, bool, std::vector<uint64_t>>, std::vector<size_t>> same;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    same[{entry.pattern, entry.is_bias, entry.numbers}].push_back(i);
  }
  Duplicates out;
  size_t first_kept = 0, first_hidden = 0;
  for (const auto& [name, places] : same) {
    if (places.size() < 2) continue;
    const size_t kept = *std::min_element(places.begin(), places.end(), [&](size_t a, size_t b) {
      return rank_of(tensors[a]) < rank_of(tensors[b]);
    });
    for (const size_t place : places) {
      if (place == kept) continue;
      const auto equal = are_equal(checkpoint, tensors[kept], tensors[place]);
      if (!equal) return equal.error();
      if (out.tensors.empty()) first_kept = kept, first_hidden = place;
      out.tensors.push_back(place);
      if (!*equal) out.differing.push_back(place);
      names.hide(place);
    }
  }
  if (out.tensors.empty()) return out;
  std::sort(out.tensors.begin(), out.tensors.end());
  out.notes.push_back(
      cat(out.tensors.size(), out.tensors.size() == 1 ? " tensor" : " tensors",
          " occur twice behind different wrappers; '", escaped(tensors[first_kept].name),
          "' is read, '", escaped(tensors[first_hidden].name), "' is not; ",
          out.differing.empty() ? std::string("their values are the same")
                                : cat(out.differing.size(), " of them differ in their values")));
  return out;
}

}  // namespace wmk::checkpoint
