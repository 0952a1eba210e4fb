#include "checkpoint/attention/heads.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "checkpoint/attention/attention_blocks.h"
#include "checkpoint/attention/attention_norm.h"
#include "checkpoint/attention/value_views.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kLayersMax = 1 << 16;

// Reads the norms of one layer into `heads`. A norm that cannot be used is a reason to skip it.
Result<std::string> add_norms(const Checkpoint& checkpoint, const AttentionBlock& block,
                              uint64_t width, HeadLayer& layer, Heads& heads) {
  struct Wanted {
    AttentionPart part;
    uint64_t size;
    std::optional<size_t>* place;
  };
  std::vector<Wanted> wanted = {{AttentionPart::norm, width, &layer.in_norm},
                                {AttentionPart::post_norm, width, &layer.out_norm}};
  if (layer.latent) {
    wanted.push_back({AttentionPart::latent_norm, layer.latent->size, &layer.latent->norm});
  }
  for (const auto& [part, size, place] : wanted) {
    const AttentionTensor* norm = block.find(part);
    if (norm == nullptr) continue;
    const std::string name = escaped(checkpoint.tensors()[norm->tensor].name);
    auto values = read_attention_norm(checkpoint, *norm, size);
    if (!values) return std::move(values).error();
    if (values->empty()) return cat("norm '", name, "' does not have ", size, " numbers");
    const auto is_finite = [](float value) { return std::isfinite(value); };
    if (!std::all_of(values->begin(), values->end(), is_finite)) {
      return cat("norm '", name, "' has a weight that is not finite");
    }
    *place = heads.norm_weights.size();
    heads.norm_weights.push_back(*std::move(values));
  }
  return std::string();
}

std::string why_missing(const Anatomy& anatomy, const Heads& heads) {
  if (!heads.layers.empty()) return {};
  if (!anatomy.no_heads.empty()) return anatomy.no_heads;
  if (heads.skipped.empty()) {
    return cat("by the names of family '", escaped(anatomy.family),
               "' no tensor is a value or output of attention");
  }
  return cat("layer ", heads.skipped[0].layer, ": ", heads.skipped[0].reason);
}

}  // namespace

Result<Heads> find_heads(const Checkpoint& checkpoint, const Anatomy& anatomy,
                         const Config& config) {
  Heads out;
  for (const AttentionBlock& block : attention_blocks(checkpoint.tensors(), anatomy)) {
    if (out.layers.size() + out.skipped.size() >= kLayersMax) {
      return Error(ErrorCode::limit_exceeded, cat("more than ", kLayersMax, " attention layers"));
    }
    auto layers = head_layers(checkpoint.tensors(), block, config, anatomy.width);
    if (!layers) {
      out.skipped.push_back({block.layer, std::move(layers).error().message()});
      continue;
    }
    for (HeadLayer& layer : *layers) {
      auto fault = add_norms(checkpoint, block, anatomy.width, layer, out);
      if (!fault) return std::move(fault).error();
      if (fault->empty()) {
        out.layers.push_back(std::move(layer));
      } else {
        out.skipped.push_back({block.layer, *std::move(fault)});
      }
    }
  }
  out.missing = why_missing(anatomy, out);
  return out;
}

}  // namespace wmk::checkpoint
