#include "checkpoint/attention/value_views.h"

#include "base/text.h"
#include "checkpoint/attention/head_sizes.h"

namespace wmk::checkpoint {

namespace {

class LayerReader {
 public:
  LayerReader(const std::vector<Tensor>& tensors, const AttentionBlock& block, const Config& config,
              uint64_t width)
      : tensors_(tensors), block_(block), config_(config), width_(width) {}

  Result<std::vector<HeadLayer>> read() {
    if (!block_.fault.empty()) return malformed(block_.fault);
    layer_.layer = block_.layer;
    layer_.place = block_.place;
    const AttentionTensor* out = block_.find(AttentionPart::out);
    if (out == nullptr) return malformed("no output matrix");
    auto o = matrix(*out, width_);
    if (!o) return std::move(o).error();
    layer_.o = o->view;
    outputs_ = o->vectors;
    experts_ = out->stacked ? o->vectors / o->view.run : 0;
    Status status = read_values();
    if (!status) return std::move(status).error();
    if (const auto* second = block_.find(AttentionPart::second_value)) return halves(*second);
    return std::vector<HeadLayer>{layer_};
  }

 private:
  Status read_values() {
    if (const auto* value = block_.find(AttentionPart::value)) return read_plain(*value);
    if (const auto* pair = block_.find(AttentionPart::key_value)) return read_pair(*pair);
    if (const auto* fused = block_.find(AttentionPart::qkv)) return read_fused(*fused);
    const auto* down = block_.find(AttentionPart::latent_down);
    const auto* up = block_.find(AttentionPart::value_up);
    if (up == nullptr) up = block_.find(AttentionPart::latent_up);
    if (down != nullptr && up != nullptr) return read_latent(*down, *up);
    return malformed("no value matrix");
  }

  Result<AttentionMatrix> matrix(const AttentionTensor& part, uint64_t coordinates) const {
    auto out = attention_matrix(tensors_, part);
    if (!out || out->coordinates == coordinates) return out;
    return fault(part, cat("has vectors of ", out->coordinates, " coordinates, not ", coordinates));
  }

  Error fault(const AttentionTensor& part, std::string_view what) const {
    const Tensor& tensor = tensors_[part.tensor];
    return malformed(
        cat("tensor '", escaped(tensor.name), "': shape ", shape_text(tensor.shape), " ", what));
  }

  Status set_sizes(const std::optional<HeadSizes>& sizes, const AttentionTensor& part) {
    if (!sizes) return fault(part, cat("does not divide into heads with ", outputs_, " outputs"));
    layer_.heads = sizes->heads;
    layer_.kv_heads = sizes->kv_heads;
    layer_.value_size = sizes->head_size;
    return {};
  }

  // Of `rows` values. Each expert has outputs for each value head.
  Status set_sizes(uint64_t rows, const AttentionTensor& part) {
    if (experts_ == 0) return set_sizes(value_sizes(config_, width_, outputs_, rows), part);
    Config config = config_;
    if (config.kv_heads) config.heads = config.kv_heads;
    auto sizes = value_sizes(config, width_, outputs_ / experts_, rows);
    if (sizes && sizes->heads != sizes->kv_heads) sizes = std::nullopt;
    layer_.by_expert = true;
    if (sizes) sizes->heads *= experts_;
    return set_sizes(sizes, part);
  }

  Status read_plain(const AttentionTensor& value) {
    auto v = matrix(value, width_);
    if (!v) return std::move(v).error();
    layer_.v = v->view;
    const bool is_half = block_.find(AttentionPart::second_value) != nullptr;
    return set_sizes(is_half ? 2 * v->vectors : v->vectors, value);
  }

  // The layer as it was read, of which this tensor has the values of the second half.
  Result<std::vector<HeadLayer>> halves(const AttentionTensor& value) {
    auto v = matrix(value, width_);
    if (!v) return std::move(v).error();
    if (layer_.kv_heads % 2 != 0 || 2 * v->vectors != layer_.kv_heads * layer_.value_size) {
      return fault(value, "does not hold the values of half the heads");
    }
    layer_.heads /= 2;
    layer_.kv_heads /= 2;
    HeadLayer second = layer_;
    second.v = v->view;
    second.o.first += outputs_ / 2 * second.o.unit_stride;
    return std::vector<HeadLayer>{layer_, second};
  }

  // Keys, then values.
  Status read_pair(const AttentionTensor& pair) {
    auto both = matrix(pair, width_);
    if (!both) return std::move(both).error();
    layer_.v = both->view;
    layer_.v.first = both->vectors / 2 * layer_.v.unit_stride;
    if (both->vectors % 2 != 0) return fault(pair, "does not hold keys and values");
    return set_sizes(both->vectors / 2, pair);
  }

  Status read_fused(const AttentionTensor& fused) {
    auto all = matrix(fused, width_);
    if (!all) return std::move(all).error();
    const uint64_t before = (fused.gate_first ? 2 : 1) * outputs_;
    if (all->vectors <= before || (all->vectors - before) % 2 != 0) {
      return fault(fused, cat("does not hold queries, keys and values of ", outputs_, " outputs"));
    }
    const uint64_t values = (all->vectors - before) / 2;
    Status status = set_sizes(values, fused);
    if (!status) return status;
    layer_.v = all->view;
    const uint64_t stride = layer_.v.unit_stride, size = layer_.value_size;
    if (fused.quarters) return read_quarters(fused);
    if (!fused.by_group) {
      layer_.v.first = (before + values) * stride;
      return {};
    }
    const uint64_t queries = layer_.heads / layer_.kv_heads;  // of one group
    layer_.v.first = (queries + 1) * size * stride;
    layer_.v.run = size;
    layer_.v.run_stride = (queries + 2) * size * stride;
    return {};
  }

  // Queries, values and keys of each quarter of the heads.
  Status read_quarters(const AttentionTensor& fused) {
    if (layer_.heads != layer_.kv_heads || outputs_ % 4 != 0) {
      return fault(fused, "does not hold queries, values and keys of four parts");
    }
    const uint64_t stride = layer_.v.unit_stride;
    layer_.v.run = outputs_ / 4;
    layer_.v.first = layer_.v.run * stride;
    layer_.v.run_stride = 3 * layer_.v.run * stride;
    return {};
  }

  Status read_latent(const AttentionTensor& down, const AttentionTensor& up) {
    auto values = attention_matrix(tensors_, up);
    auto latent = matrix(down, width_);
    if (!values || !latent) return std::move(values ? latent : values).error();
    const uint64_t size = values->coordinates;
    if (latent->vectors < size) return fault(down, cat("is below the latent size ", size));
    Status status = set_sizes(latent_sizes(config_, outputs_, values->vectors), up);
    if (!status) return status;
    layer_.latent = LatentValues{size, latent->view, {}};
    const uint64_t rows = values->vectors / layer_.heads;  // of one head
    if (rows < layer_.value_size ||
        (up.part == AttentionPart::value_up && rows > layer_.value_size)) {
      return fault(up, cat("does not hold ", layer_.value_size, " values for each head"));
    }
    layer_.v = values->view;
    layer_.v.first = (rows - layer_.value_size) * layer_.v.unit_stride;
    layer_.v.run = layer_.value_size;
    layer_.v.run_stride = rows * layer_.v.unit_stride;
    return {};
  }

  const std::vector<Tensor>& tensors_;
  const AttentionBlock& block_;
  const Config& config_;
  const uint64_t width_;
  uint64_t outputs_ = 0;  // vectors of O
  uint64_t experts_ = 0;  // that have outputs of their own; 0: none have
  HeadLayer layer_;
};

}  // namespace

Result<std::vector<HeadLayer>> head_layers(const std::vector<Tensor>& tensors,
                                           const AttentionBlock& block, const Config& config,
                                           uint64_t width) {
  return LayerReader(tensors, block, config, width).read();
}

}  // namespace wmk::checkpoint
