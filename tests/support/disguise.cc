#include "tests/support/disguise.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <random>

#include "base/text.h"
#include "stats/vectors.h"
#include "tests/support/rotation.h"

namespace wmk::test {

namespace {

using Matrix = std::vector<std::vector<float>>;  // rows

Matrix rows_of(const std::vector<float>& values, size_t width) {
  Matrix out;
  for (size_t i = 0; i < values.size(); i += width) {
    out.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i),
                     values.begin() + static_cast<std::ptrdiff_t>(i + width));
  }
  return out;
}

std::vector<float> joined(const Matrix& rows) {
  std::vector<float> out;
  for (const auto& row : rows) out.insert(out.end(), row.begin(), row.end());
  return out;
}

Matrix transposed_of(const Matrix& rows) {
  Matrix out(rows.front().size(), std::vector<float>(rows.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < rows[i].size(); ++j) out[j][i] = rows[i][j];
  }
  return out;
}

struct Ffn {
  Matrix gate, up, down;  // one row a neuron
};

class Disguiser {
 public:
  Disguiser(const MarkableModel& model, const Disguise& how)
      : model_(model), how_(how), width_(model.anatomy.width), random_(how.seed) {}

  std::vector<StoredTensor> tensors() {
    std::vector<StoredTensor> out;
    Matrix embedding = rows_of(values_of(model_.checkpoint, "model.embed_tokens.weight"), width_);
    if (how_.new_embedding) {
      for (auto& row : embedding) row = noise(1);
    }
    put("model.embed_tokens.weight", turned(embedding, 0, how_.constant), out);
    const size_t layers = model_.anatomy.layer_count();
    for (size_t l = 0; l < layers; ++l) {
      const std::string layer = cat("model.layers.", l, ".");
      put_ffn(layer,
              changed(ffn_of(cat("model.layers.", how_.reverse_layers ? layers - 1 - l : l, "."))),
              out);
      const std::vector<float> ones(width_ + how_.further + (how_.constant != 0), 1.0f);
      for (const char* norm : {"input_layernorm.weight", "post_attention_layernorm.weight"}) {
        out.push_back(stored(cat(layer, norm), checkpoint::DType::f32, {ones.size()}, ones));
      }
    }
    return out;
  }

 private:
  Ffn ffn_of(const std::string& layer) {
    const auto read = [&](const char* leaf) {
      return values_of(model_.checkpoint, cat(layer, "mlp.", leaf, "_proj.weight"));
    };
    const auto norm = values_of(model_.checkpoint, layer + "post_attention_layernorm.weight");
    Ffn out{rows_of(read("gate"), width_), rows_of(read("up"), width_), {}};
    const std::vector<float> down = read("down");
    out.down = transposed_of(rows_of(down, down.size() / width_));
    for (Matrix* rows : {&out.gate, &out.up}) {
      for (auto& row : *rows) {
        for (size_t c = 0; c < width_; ++c) row[c] *= norm[c];
      }
    }
    return out;
  }

  Ffn changed(const Ffn& ffn) {
    Ffn out;
    for (size_t i = 0; i < ffn.gate.size(); ++i) add_clones(ffn, i, out);
    for (Matrix* rows : {&out.gate, &out.up, &out.down}) add_noise(*rows);
    const auto dummies = static_cast<size_t>(how_.dummies * static_cast<float>(ffn.gate.size()));
    for (size_t i = 0; i < dummies; ++i) add(noise(1), noise(1), noise(0x1p-40f), out);
    if (!how_.permute) return out;
    std::vector<size_t> order(out.gate.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::shuffle(order.begin(), order.end(), random_);
    Ffn shuffled;
    for (const size_t i : order) {
      const float sign = (random_() & 1) != 0 ? 1.0f : -1.0f;
      for (float& x : out.up[i]) x *= sign;
      for (float& x : out.down[i]) x *= sign;
      add(out.gate[i], out.up[i], out.down[i], shuffled);
    }
    return shuffled;
  }

  // The up rows of clones add up to that of the neuron.
  void add_clones(const Ffn& ffn, size_t i, Ffn& out) {
    std::vector<float> rest = ffn.up[i];
    for (size_t clone = 1; clone < how_.clones; ++clone) {
      const std::vector<float> up = noise(0.5f);
      for (size_t c = 0; c < width_; ++c) rest[c] -= up[c];
      add(ffn.gate[i], up, ffn.down[i], out);
    }
    add(ffn.gate[i], rest, ffn.down[i], out);
  }

  static void add(std::vector<float> gate, std::vector<float> up, std::vector<float> down,
                  Ffn& out) {
    out.gate.push_back(std::move(gate));
    out.up.push_back(std::move(up));
    out.down.push_back(std::move(down));
  }

  // Uniform numbers of this range have a variance of 1 / 12.
  void add_noise(Matrix& rows) {
    if (how_.noise == 0) return;
    for (auto& row : rows) {
      const double squares = stats::sum_of_squares(row.data(), width_);
      const double length = std::sqrt(12 * squares / static_cast<double>(width_));
      const std::vector<float> more = noise(how_.noise * static_cast<float>(length));
      for (size_t c = 0; c < width_; ++c) row[c] += more[c];
    }
  }

  std::vector<float> noise(float scale) {
    std::vector<float> out(width_);
    for (float& x : out) {
      x = scale * static_cast<float>(static_cast<double>(random_() >> 11) * 0x1p-53 - 0.5);
    }
    return out;
  }

  // `constant` follows behind each row, if there is one in the tokens.
  Matrix turned(const Matrix& rows, float junk, float constant) {
    Matrix out = rows;
    for (auto& row : out) {
      row.resize(width_ + how_.further);
      for (size_t c = width_; c < row.size(); ++c) {
        row[c] = junk * static_cast<float>(static_cast<double>(random_() >> 11) * 0x1p-53 - 0.5);
      }
    }
    const size_t wide = width_ + how_.further;
    if (how_.rotate) out = rows_of(Rotation(wide, how_.seed).rows(joined(out)), wide);
    if (how_.constant == 0) return out;
    for (auto& row : out) row.push_back(constant);
    return out;
  }
  Matrix written(const Matrix& rows) { return turned(rows, 0, 0); }
  Matrix read(const Matrix& rows) { return turned(rows, how_.junk, 0); }

  void put(const std::string& name, const Matrix& rows, std::vector<StoredTensor>& out) {
    out.push_back(stored(name, how_.dtype, {rows.size(), rows.front().size()}, joined(rows)));
  }
  void put_ffn(const std::string& layer, const Ffn& ffn, std::vector<StoredTensor>& out) {
    put(layer + "mlp.gate_proj.weight", read(ffn.gate), out);
    put(layer + "mlp.up_proj.weight", read(ffn.up), out);
    put(layer + "mlp.down_proj.weight", transposed_of(written(ffn.down)), out);
  }

  const MarkableModel& model_;
  Disguise how_;
  size_t width_;
  std::mt19937_64 random_;
};

}  // namespace

MarkableModel disguise(const MarkableModel& model, const std::filesystem::path& folder,
                       const Disguise& how) {
  const auto tensors = Disguiser(model, how).tensors();
  std::filesystem::create_directory(folder);
  write_safetensors(folder / "model.safetensors", tensors);
  std::ofstream(folder / "config.json", std::ios::binary) << "{\"model_type\": \"llama\"}";
  std::filesystem::copy_file(model.checkpoint.folder() / "tokenizer.json",
                             folder / "tokenizer.json");
  return open_model(folder);
}

std::vector<float> disguise_map(size_t width, const Disguise& how) {
  const size_t wide = width + how.further;
  std::vector<float> identity(wide * wide);
  for (size_t i = 0; i < wide; ++i) identity[i * wide + i] = 1;
  // Row i of the rotated identity is what coordinate i becomes.
  const auto images = how.rotate ? Rotation(wide, how.seed).rows(identity) : identity;
  std::vector<float> out(wide * width);
  for (size_t i = 0; i < width; ++i) {
    for (size_t c = 0; c < wide; ++c) out[c * width + i] = images[i * wide + c];
  }
  return out;
}

}  // namespace wmk::test
