#include "checkpoint/attention/head_variants.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "checkpoint/attention/heads.h"

namespace wmk::checkpoint {

namespace {

using Part = AttentionPart;

constexpr std::array kMatrixParts = {Part::query, Part::key, Part::value, Part::out};
constexpr uint64_t kHeadSizesTried[] = {128, 64, 96, 80, 256, 112, 72, 48, 40, 32};
constexpr size_t kSizesMax = 4;

std::string_view part_words(Part part) {
  constexpr std::array<std::string_view, 4> words = {"queries", "keys", "values", "outputs"};
  return words[static_cast<size_t>(std::find(kMatrixParts.begin(), kMatrixParts.end(), part) -
                                   kMatrixParts.begin())];
}

bool is_latent(const Anatomy& anatomy) {
  return std::any_of(anatomy.attention.begin(), anatomy.attention.end(), [](const auto& each) {
    return each.part == Part::latent_down || each.part == Part::latent_up;
  });
}

// Elements of each part in the first layer that has all four; all zero: there is none.
std::array<uint64_t, 4> part_elements(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  std::map<std::pair<uint64_t, std::string>, std::array<uint64_t, 4>> layers;
  for (const AttentionTensor& each : anatomy.attention) {
    const auto at = std::find(kMatrixParts.begin(), kMatrixParts.end(), each.part);
    if (each.is_bias || at == kMatrixParts.end()) continue;
    auto& sizes = layers[{each.layer, each.place}];
    sizes[static_cast<size_t>(at - kMatrixParts.begin())] =
        checkpoint.tensors()[each.tensor].elements();
  }
  for (const auto& [place, sizes] : layers) {
    if (std::all_of(sizes.begin(), sizes.end(), [](uint64_t size) { return size > 0; })) {
      return sizes;
    }
  }
  return {};
}

// Which part each of kMatrixParts becomes if `value` and `out` are taken for values and outputs.
std::array<Part, 4> roles_of(size_t value, size_t out) {
  std::array<Part, 4> roles = kMatrixParts;
  roles[value] = Part::value;
  roles[out] = Part::out;
  std::array<Part, 2> left = {Part::query, Part::key};
  size_t next = 0;
  for (size_t i = 0; i < roles.size(); ++i) {
    if (i != value && i != out) roles[i] = left[next++];
  }
  return roles;
}

Anatomy with_roles(Anatomy anatomy, const std::array<Part, 4>& roles) {
  for (AttentionTensor& each : anatomy.attention) {
    const auto at = std::find(kMatrixParts.begin(), kMatrixParts.end(), each.part);
    if (at != kMatrixParts.end()) {
      each.part = roles[static_cast<size_t>(at - kMatrixParts.begin())];
    }
  }
  return anatomy;
}

void add_heads(const Checkpoint& checkpoint, const Config& config, std::string words,
               Anatomy anatomy, std::vector<HeadVariant>& out) {
  auto heads = find_heads(checkpoint, anatomy, config);
  if (!heads || heads->layers.empty() || heads->layers.size() < anatomy.heads.layers.size()) return;
  anatomy.heads = *std::move(heads);
  out.push_back({std::move(words), std::move(anatomy)});
}

void add_roles(const Checkpoint& checkpoint, const Anatomy& anatomy, const Config& config,
               std::vector<HeadVariant>& out) {
  const auto elements = part_elements(checkpoint, anatomy);
  if (elements[0] == 0) return;
  for (size_t value = kMatrixParts.size(); value-- > 0;) {
    for (size_t outputs = kMatrixParts.size(); outputs-- > 0;) {
      if (value == outputs ||
          (kMatrixParts[value] == Part::value && kMatrixParts[outputs] == Part::out)) {
        continue;
      }
      auto roles = roles_of(value, outputs);
      uint64_t queries = 0, keys = 0;
      for (size_t i = 0; i < roles.size(); ++i) {
        if (roles[i] == Part::query) queries = elements[i];
        if (roles[i] == Part::key) keys = elements[i];
      }
      if (queries < keys) {
        for (Part& role : roles) {
          if (role == Part::query || role == Part::key) {
            role = role == Part::query ? Part::key : Part::query;
          }
        }
        std::swap(queries, keys);
      }
      if (queries != elements[outputs] || keys != elements[value]) continue;
      add_heads(checkpoint, config,
                cat(part_words(kMatrixParts[value]), " read as values, ",
                    part_words(kMatrixParts[outputs]), " as outputs"),
                with_roles(anatomy, roles), out);
    }
  }
}

void add_sizes(const Checkpoint& checkpoint, const Anatomy& anatomy, const Config& config,
               std::vector<HeadVariant>& out) {
  const auto& layers = anatomy.heads.layers;
  size_t count = 0;
  for (const uint64_t size : kHeadSizesTried) {
    if (count == kSizesMax || (!layers.empty() && layers[0].value_size == size)) continue;
    Config sized = config;
    sized.heads = sized.kv_heads = std::nullopt;
    sized.head_size = sized.value_size = size;
    const size_t before = out.size();
    add_heads(checkpoint, sized, cat("heads of ", size, " values"), anatomy, out);
    if (out.size() == before) continue;
    if (out.back().anatomy.heads.layers[0].value_size != size) {
      out.pop_back();
    } else {
      ++count;
    }
  }
}

}  // namespace

std::vector<HeadVariant> head_variants(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                       const Config& config) {
  std::vector<HeadVariant> out;
  if (is_latent(anatomy)) return out;
  add_roles(checkpoint, anatomy, config, out);
  add_sizes(checkpoint, anatomy, config, out);
  return out;
}

}  // namespace wmk::checkpoint
