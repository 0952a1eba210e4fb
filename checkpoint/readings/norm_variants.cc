#include "checkpoint/readings/norm_variants.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "checkpoint/layout/norm_weights.h"
#include "checkpoint/numbers/widen.h"
#include "checkpoint/readings/ones_share.h"

namespace wmk::checkpoint {

namespace {

using Sources = std::vector<NormSource>;

// `anatomy` with the weights of `sources`, or none if one cannot be read.
std::optional<Anatomy> with_sources(const Checkpoint& checkpoint, Anatomy anatomy,
                                    const Sources& sources) {
  std::vector<bool> is_used(sources.size());
  for (const UnitGroup& group : anatomy.groups) {
    for (const auto& norm : {group.in_norm, group.out_norm}) {
      if (norm) is_used[*norm] = true;
    }
  }
  anatomy.norm_weights.clear();
  anatomy.norm_sources = sources;
  for (const NormSource& source : sources) {
    auto values = read_norm_weight(checkpoint, source, anatomy.width);
    if (!values) return std::nullopt;
    const auto is_finite = [](float value) { return std::isfinite(value); };
    if (is_used[anatomy.norm_weights.size()] &&
        !std::all_of(values->begin(), values->end(), is_finite)) {
      return std::nullopt;
    }
    anatomy.norm_weights.push_back(*std::move(values));
  }
  return anatomy;
}

// Where the vectors have more of the ones vector than chance gives, a reading that ignores it may
// show more; where a LayerNorm is declared, one that keeps it.
bool is_worth_ones(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  constexpr double kShareMin = 0.02, kTimesChance = 4;
  const double chance = 1 / static_cast<double>(anatomy.width);
  return anatomy.ones != Ones::kept ||
         ones_share(checkpoint, anatomy) > std::max(kShareMin, kTimesChance * chance);
}

Anatomy with_ones(Ones ones, Anatomy anatomy) {
  anatomy.ones = ones;
  return anatomy;
}

bool is_norm_of_attention(const AttentionTensor& each) { return is_attention_norm(each.part); }

Anatomy without_norms(Anatomy anatomy) {
  for (UnitGroup& group : anatomy.groups) group.in_norm = group.out_norm = std::nullopt;
  std::erase_if(anatomy.attention, is_norm_of_attention);
  return anatomy;
}

// All norm weights as w or as 1 + w, those of attention too.
std::optional<Anatomy> with_kind(const Checkpoint& checkpoint, Anatomy anatomy, bool one_plus) {
  Sources sources = anatomy.norm_sources;
  for (NormSource& source : sources) source.one_plus = one_plus;
  for (AttentionTensor& each : anatomy.attention) {
    if (is_norm_of_attention(each)) each.one_plus = one_plus;
  }
  return with_sources(checkpoint, std::move(anatomy), sources);
}

// Tensors by layer, for each name pattern of vectors that are not in use.
struct Candidate {
  std::string pattern;
  std::map<uint64_t, size_t> by_layer;
};

std::vector<Candidate> other_vectors(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  std::map<std::string, Candidate> found;
  const auto& tensors = checkpoint.tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].shape != std::vector<uint64_t>{anatomy.width}) continue;
    if (!has_float_value(tensors[i].dtype)) continue;
    CanonicalName name = canonical_name(tensors[i].name);
    if (name.is_bias || name.numbers.empty()) continue;
    const auto is_used = [&](const NormSource& source) { return source.tensor == i; };
    if (std::any_of(anatomy.norm_sources.begin(), anatomy.norm_sources.end(), is_used)) continue;
    Candidate& candidate = found[name.pattern];
    candidate.pattern = std::move(name.pattern);
    candidate.by_layer.emplace(name.numbers[0], i);
  }
  std::vector<Candidate> out;
  for (auto& [pattern, candidate] : found) {
    uint64_t groups = 0;
    for (const UnitGroup& group : anatomy.groups) groups += candidate.by_layer.count(group.layer);
    if (2 * groups > anatomy.groups.size()) out.push_back(std::move(candidate));
  }
  std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return a.by_layer.size() > b.by_layer.size();
  });
  if (out.size() > kOtherNormsMax) out.resize(kOtherNormsMax);
  return out;
}

std::optional<Anatomy> with_vectors(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                    const Candidate& candidate) {
  Anatomy out = anatomy;
  std::map<uint64_t, size_t> places;  // by layer, in norm_weights
  for (UnitGroup& group : out.groups) {
    const auto tensor = candidate.by_layer.find(group.layer);
    if (tensor == candidate.by_layer.end()) continue;
    const auto [place, is_new] = places.emplace(group.layer, out.norm_weights.size());
    group.in_norm = place->second;
    if (!is_new) continue;
    out.norm_sources.push_back({tensor->second, false});
    out.norm_weights.emplace_back();
  }
  const Sources sources = out.norm_sources;
  return with_sources(checkpoint, std::move(out), sources);
}

}  // namespace

std::vector<NormVariant> norm_variants(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                       const std::string* only) {
  std::vector<NormVariant> out;
  const auto add = [&](std::string words, const auto& make) {
    if (only != nullptr && *only != words) return;
    std::optional<Anatomy> variant = make();
    if (variant) out.push_back({std::move(words), *std::move(variant)});
  };
  std::optional<bool> has_ones;  // once asked for
  const auto add_ones = [&] {
    constexpr std::pair<Ones, const char*> kAll[] = {
        {Ones::ignored_in_vectors, "multiples of ones ignored"},
        {Ones::ignored, "multiples of ones ignored, in the embedding as well"},
        {Ones::kept, "multiples of ones kept"}};
    for (const auto& [ones, words] : kAll) {
      if (ones == anatomy.ones) continue;
      add(words, [&, wanted = ones]() -> std::optional<Anatomy> {
        if (!has_ones) has_ones = is_worth_ones(checkpoint, anatomy);
        return *has_ones ? std::optional(with_ones(wanted, anatomy)) : std::nullopt;
      });
    }
  };
  // Without sources nothing says where the values came from.
  if (anatomy.norm_sources.size() != anatomy.norm_weights.size()) {
    add("norm weights ignored", [&] { return without_norms(anatomy); });
    add_ones();
    return out;
  }
  add("norm weights as w", [&] { return with_kind(checkpoint, anatomy, false); });
  add("norm weights as 1 + w", [&] { return with_kind(checkpoint, anatomy, true); });
  add("norm weights ignored", [&] { return without_norms(anatomy); });
  add_ones();
  if (only != nullptr && !out.empty()) return out;
  for (const Candidate& candidate : other_vectors(checkpoint, anatomy)) {
    add(cat("norm weights from '", escaped(candidate.pattern), "'"),
        [&] { return with_vectors(checkpoint, anatomy, candidate); });
  }
  return out;
}

}  // namespace wmk::checkpoint
