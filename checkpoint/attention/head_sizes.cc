#include "checkpoint/attention/head_sizes.h"

#include "checkpoint/checkpoint.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kUsualSizes[] = {128, 64, 96, 80, 256, 112, 72, 48, 40, 32, 16, 8, 4, 2};

std::optional<HeadSizes> of_size(uint64_t size, uint64_t q_rows, uint64_t kv_rows) {
  if (size == 0 || size % 2 != 0 || q_rows % size != 0 || kv_rows % size != 0) return std::nullopt;
  const HeadSizes out{q_rows / size, kv_rows / size, size};
  if (out.kv_heads == 0 || out.heads % out.kv_heads != 0) return std::nullopt;
  return out;
}

}  // namespace

bool HeadSizes::fits(uint64_t q_rows, uint64_t kv_rows) const {
  return heads * head_size == q_rows && kv_heads * head_size == kv_rows;
}

std::optional<HeadSizes> declared_head_sizes(const Config& config, uint64_t width) {
  HeadSizes out;
  out.heads = config.heads.value_or(0);
  out.kv_heads = config.kv_heads.value_or(out.heads);
  if (out.heads == 0 || out.kv_heads == 0 || out.heads % out.kv_heads != 0) return std::nullopt;
  out.head_size = config.head_size.value_or(width / out.heads);
  if (out.head_size == 0 || out.head_size % 2 != 0) return std::nullopt;
  if (out.heads > kWidthMax || out.head_size > kWidthMax) return std::nullopt;
  return out;
}

std::optional<HeadSizes> head_sizes(const Config& config, uint64_t width, uint64_t q_rows,
                                    uint64_t kv_rows) {
  const auto declared = declared_head_sizes(config, width);
  if (declared && declared->fits(q_rows, kv_rows)) return declared;
  if (const uint64_t heads = config.heads.value_or(0); heads > 0 && q_rows % heads == 0) {
    if (auto sizes = of_size(q_rows / heads, q_rows, kv_rows)) return sizes;
  }
  if (config.head_size) {
    if (auto sizes = of_size(*config.head_size, q_rows, kv_rows)) return sizes;
  }
  for (const uint64_t size : kUsualSizes) {
    if (auto sizes = of_size(size, q_rows, kv_rows)) return sizes;
  }
  return std::nullopt;
}

std::optional<HeadSizes> value_sizes(const Config& config, uint64_t width, uint64_t o_vectors,
                                     uint64_t v_vectors) {
  Config values = config;
  if (config.value_size) values.head_size = config.value_size;
  return head_sizes(values, width, o_vectors, v_vectors);
}

std::optional<HeadSizes> latent_sizes(const Config& config, uint64_t o_vectors, uint64_t up_rows) {
  const auto of_heads = [&](uint64_t heads) -> std::optional<HeadSizes> {
    if (heads == 0 || o_vectors % heads != 0 || up_rows % heads != 0) return std::nullopt;
    return HeadSizes{heads, heads, o_vectors / heads};
  };
  if (auto sizes = of_heads(config.heads.value_or(0))) return sizes;
  const auto of_values = [&](uint64_t size) {
    return size == 0 || o_vectors % size != 0 ? std::nullopt : of_heads(o_vectors / size);
  };
  if (auto sizes = of_values(config.value_size.value_or(0))) return sizes;
  for (const uint64_t size : kUsualSizes) {
    if (auto sizes = of_values(size)) return sizes;
  }
  return std::nullopt;
}

}  // namespace wmk::checkpoint
