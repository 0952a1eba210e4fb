#include "tests/unit/checkpoint/attention/head_forms.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "base/text.h"
#include "checkpoint/layout/unit_block.h"
#include "tests/support/architectures.h"

namespace wmk::test {

namespace {

using Floats = std::vector<float>;

Floats random_floats(size_t count, uint64_t seed) {
  std::mt19937_64 engine(seed);
  Floats out(count);
  for (float& value : out) value = static_cast<float>(engine() >> 40) / (1 << 23) - 1;
  return out;
}

std::string named(std::string name, size_t layer) {
  if (const size_t at = name.find("{l}"); at != std::string::npos) {
    name.replace(at, 3, std::to_string(layer));
  }
  return name + ".weight";
}

bool has_latent(const HeadForm& form) { return !form.latent_down.empty(); }
// Which value head a query head reads.
size_t value_head(const HeadForm& form, size_t head) {
  return form.layout == FusedLayout::experts ? head % form.kv_heads
                                             : head / (form.heads / form.kv_heads);
}
size_t value_width(const HeadForm& form) { return has_latent(form) ? kFormLatent : kFormWidth; }

Floats transposed_of(const Floats& values, size_t rows, size_t columns) {
  Floats out(values.size());
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) out[j * rows + i] = values[i * columns + j];
  }
  return out;
}

// Rows of a tensor put together from parts of random rows and parts of V.
class Rows {
 public:
  Rows(size_t width, uint64_t seed) : width_(width), seed_(seed) {}
  void other(size_t count) {
    const Floats rows = random_floats(count * width_, ++seed_ * 1000);
    values.insert(values.end(), rows.begin(), rows.end());
  }
  void of(const Floats& v, size_t first, size_t count) {
    const auto begin = v.begin() + static_cast<ptrdiff_t>(first * width_);
    values.insert(values.end(), begin, begin + static_cast<ptrdiff_t>(count * width_));
  }
  Floats values;

 private:
  size_t width_;
  uint64_t seed_;
};

Rows value_rows(const HeadForm& form, const Floats& v, uint64_t seed) {
  const size_t n = kFormValues, group = form.heads / form.kv_heads;
  Rows rows(value_width(form), seed);
  switch (form.layout) {
    case FusedLayout::none:
    case FusedLayout::latent_values:
      rows.of(v, 0, form.kv_heads * n);
      break;
    case FusedLayout::rows:
    case FusedLayout::transposed:
      rows.other((form.heads + form.kv_heads) * n);
      rows.of(v, 0, form.kv_heads * n);
      break;
    case FusedLayout::quarters:
      for (size_t k = 0; k < 4; ++k) {
        rows.other(form.heads / 4 * n);
        rows.of(v, k * form.heads / 4 * n, form.heads / 4 * n);
        rows.other(form.heads / 4 * n);
      }
      break;
    case FusedLayout::experts:
      rows.other(form.kv_heads * n);
      rows.of(v, 0, form.kv_heads * n);
      break;
    case FusedLayout::halves:
      rows.of(v, 0, form.kv_heads / 2 * n);
      break;
    case FusedLayout::by_group:
      for (size_t k = 0; k < form.kv_heads; ++k) {
        rows.other((group + 1) * n);
        rows.of(v, k * n, n);
      }
      break;
    case FusedLayout::latent:
      for (size_t h = 0; h < form.heads; ++h) {
        rows.other(kFormKeys);
        rows.of(v, h * n, n);
      }
  }
  return rows;
}

// The columns of O that belong to each expert, as a matrix of its own.
Floats by_expert(const HeadForm& form, const Floats& o) {
  const size_t columns = form.heads * kFormValues, own = form.kv_heads * kFormValues;
  Floats out;
  for (size_t first = 0; first < columns; first += own) {
    for (size_t i = 0; i < kFormWidth; ++i) {
      const auto begin = o.begin() + static_cast<ptrdiff_t>(i * columns + first);
      out.insert(out.end(), begin, begin + static_cast<ptrdiff_t>(own));
    }
  }
  return out;
}

void put(std::vector<StoredTensor>& tensors, const std::string& name, std::vector<uint64_t> shape,
         const Floats& values) {
  std::erase_if(tensors, [&](const StoredTensor& each) { return each.name == name; });
  tensors.push_back(stored(name, checkpoint::DType::f32, std::move(shape), values));
}

// The values of a norm, w or 1 + w, as the tiny checkpoint has it; ones where there is none.
Floats norm_of(const HeadForm& form, const std::string& name, size_t layer, size_t size) {
  if (name.empty()) return Floats(size, 1.0f);
  if (size == kFormLatent) return random_floats(size, 77 + layer);
  auto tensors = tiny_tensors(form.architecture, {.dtype = checkpoint::DType::f32});
  const StoredTensor& tensor = tensor_named(tensors, named(name, layer));
  Floats out(size);
  for (size_t i = 0; i < size; ++i) out[i] = load_le<float>(tensor.data.data() + 4 * i);
  for (float& value : out) value += architecture_named(form.architecture).one_plus ? 1.0f : 0.0f;
  return out;
}

Floats load(const checkpoint::Checkpoint& checkpoint, const checkpoint::View& view, size_t width,
            size_t first, size_t count) {
  checkpoint::RawBlock block;
  if (!block.read(checkpoint, view, width, first, count)) throw std::runtime_error("not read");
  Floats rows(count * width);
  block.widen_panel(0, count, rows);
  return block.unit_major() ? rows : transposed_of(rows, width, count);
}

// diag(post) O_h V_h diag(in), from rows of V and columns of O.
Circuit product(const Floats& v, const Floats& o, const Floats& in, const Floats& post) {
  Circuit out(kFormWidth * kFormWidth);
  for (size_t n = 0; n < kFormValues; ++n) {
    for (size_t i = 0; i < kFormWidth; ++i) {
      for (size_t j = 0; j < kFormWidth; ++j) {
        out[i * kFormWidth + j] +=
            static_cast<double>(post[i]) * o[n * kFormWidth + i] * v[n * kFormWidth + j] * in[j];
      }
    }
  }
  return out;
}

// up * diag(norm) * down
Floats through_latent(const Floats& up, const Floats& norm, const Floats& down) {
  Floats out(kFormValues * kFormWidth);
  for (size_t n = 0; n < kFormValues; ++n) {
    for (size_t c = 0; c < kFormLatent; ++c) {
      for (size_t j = 0; j < kFormWidth; ++j) {
        out[n * kFormWidth + j] += up[n * kFormLatent + c] * norm[c] * down[c * kFormWidth + j];
      }
    }
  }
  return out;
}

Floats part(const Floats& values, size_t first, size_t count) {
  const auto begin = values.begin() + static_cast<ptrdiff_t>(first);
  return {begin, begin + static_cast<ptrdiff_t>(count)};
}

}  // namespace

HeadWeights random_heads(const HeadForm& form) {
  HeadWeights out;
  for (size_t layer = 0; layer < kFormLayers; ++layer) {
    out.v.push_back(random_floats(form.kv_heads * kFormValues * value_width(form), 10 + layer));
    out.o.push_back(random_floats(form.heads * kFormValues * kFormWidth, 20 + layer));
    out.down.push_back(random_floats(kFormLatent * kFormWidth, 30 + layer));
  }
  return out;
}

std::vector<StoredTensor> form_tensors(const HeadForm& form, const HeadWeights& weights) {
  auto tensors = tiny_tensors(form.architecture, {.dtype = checkpoint::DType::f32});
  const size_t outputs = form.heads * kFormValues;
  std::erase_if(tensors, [&](const StoredTensor& each) {  // the form has others
    return each.name.find("v_proj") != std::string::npos ||
           each.name.find("attn_v") != std::string::npos;
  });
  for (size_t layer = 0; layer < kFormLayers; ++layer) {
    const size_t width = value_width(form);
    const bool is_transposed = form.layout == FusedLayout::transposed;
    const Floats rows = value_rows(form, weights.v[layer], layer).values;
    const size_t count = rows.size() / width;
    if (form.layout == FusedLayout::latent_values) {
      put(tensors, named(form.value, layer), {form.heads, kFormValues, width}, rows);
    } else if (is_transposed) {
      put(tensors, named(form.value, layer), {width, count}, transposed_of(rows, count, width));
    } else {
      put(tensors, named(form.value, layer), {count, width}, rows);
    }
    const Floats& o = weights.o[layer];
    if (form.layout == FusedLayout::halves) {
      Rows second(kFormWidth, 0);
      second.of(weights.v[layer], count, count);
      put(tensors, named(form.second, layer), {count, kFormWidth}, second.values);
    }
    if (form.layout == FusedLayout::experts) {
      put(tensors, named(form.out, layer),
          {form.heads / form.kv_heads, kFormWidth, form.kv_heads * kFormValues},
          by_expert(form, o));
    } else if (is_transposed) {
      put(tensors, named(form.out, layer), {outputs, kFormWidth},
          transposed_of(o, kFormWidth, outputs));
    } else {
      put(tensors, named(form.out, layer), {kFormWidth, outputs}, o);
    }
    if (!has_latent(form)) continue;
    Floats down = weights.down[layer];  // and two rows of rotary keys
    const Floats keys = random_floats(2 * kFormWidth, 40);
    down.insert(down.end(), keys.begin(), keys.end());
    put(tensors, named(form.latent_down, layer), {kFormLatent + 2, kFormWidth}, down);
    put(tensors, named(form.latent_norm, layer), {kFormLatent},
        norm_of(form, form.latent_norm, layer, kFormLatent));
  }
  std::erase_if(tensors, [&](const StoredTensor& each) { return each.name == form.left_out; });
  return tensors;
}

std::string form_config(const HeadForm& form) {
  std::string config = tiny_config(form.architecture, {});
  config.resize(config.find_last_of('}'));
  if (form.config != "declared") return config + form.config + "}";
  return cat(config, ",\"num_attention_heads\":", form.heads,
             ",\"num_key_value_heads\":", form.kv_heads, "}");
}

std::vector<Circuit> form_circuits(const HeadForm& form, const HeadWeights& weights) {
  std::vector<Circuit> out;
  const size_t width = value_width(form);
  for (size_t layer = 0; layer < kFormLayers; ++layer) {
    const Floats columns = transposed_of(weights.o[layer], kFormWidth, form.heads * kFormValues);
    for (size_t h = 0; h < form.heads; ++h) {
      const size_t kv = value_head(form, h);
      Floats v = part(weights.v[layer], kv * kFormValues * width, kFormValues * width);
      if (has_latent(form)) {
        v = through_latent(v, norm_of(form, form.latent_norm, layer, kFormLatent),
                           weights.down[layer]);
      }
      const Floats o = part(columns, h * kFormValues * kFormWidth, kFormValues * kFormWidth);
      out.push_back(product(v, o, norm_of(form, form.in_norm, layer, kFormWidth),
                            norm_of(form, form.post_norm, layer, kFormWidth)));
    }
  }
  return out;
}

Circuit read_circuit(const checkpoint::Checkpoint& checkpoint, const checkpoint::Heads& heads,
                     const checkpoint::HeadLayer& layer, uint64_t head, uint64_t width) {
  const auto norm = [&](const std::optional<size_t>& index, size_t size) {
    return index ? heads.norm_weights.at(*index) : Floats(size, 1.0f);
  };
  const uint64_t kv = layer.value_head(head), n = layer.value_size;
  const size_t coordinates = layer.latent ? layer.latent->size : width;
  const auto vectors = [&](const checkpoint::View& view, uint64_t number, uint64_t size) {
    if (view.run == 0) return load(checkpoint, view, size, number * n, n);
    const uint64_t at = number * n;
    return load(checkpoint, view.run_number(at / view.run), size, at % view.run, n);
  };
  Floats v = vectors(layer.v, kv, coordinates);
  if (layer.latent) {
    const Floats down = load(checkpoint, layer.latent->down, width, 0, coordinates);
    v = through_latent(v, norm(layer.latent->norm, coordinates), down);
  }
  return product(v, vectors(layer.o, head, width), norm(layer.in_norm, width),
                 norm(layer.out_norm, width));
}

double largest_difference(const Circuit& a, const Circuit& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace wmk::test
