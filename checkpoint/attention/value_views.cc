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

  Result<HeadLayer> read() {
    if (!block_.fault.empty()) return malformed(block_.fault);
    layer_.layer = block_.layer;
    layer_.place = block_.place;
    const AttentionTensor* out = block_.find(AttentionPart::out);
    if (out == nullptr) return malformed("no output matrix");
    auto o = matrix(*out, width_);
    if (!o) return std::move(o).error();
    layer_.o = o->view;
    outputs_ = o->vectors;
    Status status = read_values();
    if (!status) return std::move(status).error();
    return std::move(layer_);
  }

 private:
  Status read_values() {
    if (const auto* value = block_.find(AttentionPart::value)) return read_plain(*value);
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

  Status read_plain(const AttentionTensor& value) {
    auto v = matrix(value, width_);
    if (!v) return std::move(v).error();
    layer_.v = v->view;
    return set_sizes(value_sizes(config_, width_, outputs_, v->vectors), value);
  }

  Status read_fused(const AttentionTensor& fused) {
    auto all = matrix(fused, width_);
    if (!all) return std::move(all).error();
    const uint64_t before = (fused.gate_first ? 2 : 1) * outputs_;
    if (all->vectors <= before || (all->vectors - before) % 2 != 0) {
      return fault(fused, cat("does not hold queries, keys and values of ", outputs_, " outputs"));
    }
    const uint64_t values = (all->vectors - before) / 2;
    Status status = set_sizes(value_sizes(config_, width_, outputs_, values), fused);
    if (!status) return status;
    layer_.v = all->view;
    const uint64_t stride = layer_.v.unit_stride, size = layer_.value_size;
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
  HeadLayer layer_;
};

}  // namespace

Result<HeadLayer> head_layer(const std::vector<Tensor>& tensors, const AttentionBlock& block,
                             const Config& config, uint64_t width) {
  return LayerReader(tensors, block, config, width).read();
}

}  // namespace wmk::checkpoint
