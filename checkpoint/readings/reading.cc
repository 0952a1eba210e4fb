#include "checkpoint/readings/reading.h"

#include <cstring>
#include <functional>

namespace wmk::checkpoint {

namespace {

// Bit by bit, so that the hash agrees with it.
using NormWeights = std::vector<std::vector<float>>;
bool is_equal_norm(const NormWeights& a, std::optional<size_t> i, const NormWeights& b,
                   std::optional<size_t> j) {
  if (!i || !j) return i.has_value() == j.has_value();
  const auto &x = a[*i], &y = b[*j];
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
}

void mix(uint64_t value, uint64_t& hash) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
  hash ^= hash >> 29;
}

void mix(std::string_view bytes, uint64_t& hash) {
  mix(std::hash<std::string_view>()(bytes), hash);
}

void mix(const View& view, uint64_t& hash) {
  for (const uint64_t value : {uint64_t{view.tensor}, view.first, view.unit_stride,
                               view.coordinate_stride, view.run, view.run_stride}) {
    mix(value, hash);
  }
}

std::vector<uint64_t> norm_hashes(const Anatomy& anatomy) {
  std::vector<uint64_t> out;
  for (const auto& values : anatomy.norm_weights) {
    const auto* bytes = reinterpret_cast<const char*>(values.data());
    out.push_back(std::hash<std::string_view>()({bytes, values.size() * sizeof(float)}));
  }
  return out;
}

}  // namespace

std::string words_of(const std::vector<Change>& changes) {
  if (changes.empty()) return "declared";
  std::string out;
  for (const Change& change : changes) out.append(out.empty() ? "" : ", ").append(change.words);
  return out;
}

Reading borrowed_reading(const Checkpoint& checkpoint, const Anatomy& anatomy,
                         const Vocabulary& vocabulary) {
  const std::shared_ptr<void> nobody;
  return {{},
          std::shared_ptr<const Checkpoint>(nobody, &checkpoint),
          std::shared_ptr<const Anatomy>(nobody, &anatomy),
          std::shared_ptr<const Vocabulary>(nobody, &vocabulary)};
}

std::string Reading::words() const { return words_of(changes); }

bool are_units_equal(const Reading& a, const Reading& b, bool exchanged) {
  const Anatomy &x = *a.anatomy, &y = *b.anatomy;
  if (a.checkpoint != b.checkpoint || x.width != y.width) return false;
  if (x.ones != y.ones || x.gated != y.gated || x.groups.size() != y.groups.size() ||
      (exchanged && !x.gated)) {
    return false;
  }
  for (size_t i = 0; i < x.groups.size(); ++i) {
    const UnitGroup &g = x.groups[i], &h = y.groups[i];
    const std::optional<View> up(h.up);
    if (g.units != h.units || g.down != h.down) return false;
    if (g.gate != (exchanged ? up : h.gate) || g.up != (exchanged ? h.gate : up)) return false;
    if (!is_equal_norm(x.norm_weights, g.in_norm, y.norm_weights, h.in_norm)) return false;
    if (!is_equal_norm(x.norm_weights, g.out_norm, y.norm_weights, h.out_norm)) return false;
  }
  return true;
}

bool are_heads_equal(const Reading& a, const Reading& b) {
  const Heads &x = a.anatomy->heads, &y = b.anatomy->heads;
  if (a.checkpoint != b.checkpoint || a.anatomy->width != b.anatomy->width) return false;
  if (x.layers.size() != y.layers.size()) return false;
  for (size_t i = 0; i < x.layers.size(); ++i) {
    const HeadLayer &g = x.layers[i], &h = y.layers[i];
    if (g.heads != h.heads || g.kv_heads != h.kv_heads || g.value_size != h.value_size) {
      return false;
    }
    if (g.v != h.v || g.o != h.o) return false;
    if (!is_equal_norm(x.norm_weights, g.in_norm, y.norm_weights, h.in_norm)) return false;
    if (!is_equal_norm(x.norm_weights, g.out_norm, y.norm_weights, h.out_norm)) return false;
  }
  return true;
}

bool are_labels_equal(const Reading& a, const Reading& b) {
  if (a.checkpoint != b.checkpoint) return false;
  if (a.anatomy->token_embedding != b.anatomy->token_embedding) return false;
  if (a.anatomy->ones != b.anatomy->ones) return false;
  if (a.vocabulary == b.vocabulary) return true;
  return a.vocabulary->source.empty() == b.vocabulary->source.empty() &&
         a.vocabulary->strings == b.vocabulary->strings;
}

bool are_equal(const Reading& a, const Reading& b) {
  return are_units_equal(a, b) && are_labels_equal(a, b);
}

uint64_t hash_of(const Vocabulary& vocabulary) {
  uint64_t hash = vocabulary.source.empty() ? 1 : 0;
  for (const std::string& label : vocabulary.strings) mix(label, hash);
  return hash;
}

uint64_t hash_of(const Reading& reading, uint64_t labels) {
  const Anatomy& anatomy = *reading.anatomy;
  uint64_t hash = reinterpret_cast<uintptr_t>(reading.checkpoint.get());
  for (const uint64_t value :
       {anatomy.width, uint64_t{anatomy.token_embedding}, uint64_t{anatomy.gated},
        static_cast<uint64_t>(anatomy.ones), uint64_t{anatomy.groups.size()}}) {
    mix(value, hash);
  }
  const std::vector<uint64_t> norms = norm_hashes(anatomy);
  for (const UnitGroup& group : anatomy.groups) {
    mix(group.units, hash);
    for (const auto& view : {group.gate, std::optional(group.up), std::optional(group.down)}) {
      view ? mix(*view, hash) : mix(0, hash);
    }
    for (const auto& norm : {group.in_norm, group.out_norm}) mix(norm ? norms[*norm] : 1, hash);
  }
  mix(labels, hash);
  return hash;
}

}  // namespace wmk::checkpoint
