// Marks that a suspect's owner hid among clones and weak neurons.
#include <cmath>
#include <memory>
#include <numeric>
#include <random>

#include "base/text.h"
#include "embed/careful/careful_scan.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr uint64_t kWidth = 128, kUnits = 160, kLayers = 4;

using Rows = std::vector<std::vector<float>>;
struct Neurons {
  Rows gate, up, down;
};

Rows rows_of(const std::vector<float>& values, uint64_t rows, uint64_t width, bool columns) {
  Rows out(rows, std::vector<float>(width));
  for (uint64_t u = 0; u < rows; ++u) {
    for (uint64_t c = 0; c < width; ++c) {
      out[u][c] = values[columns ? c * rows + u : u * width + c];
    }
  }
  return out;
}

StoredTensor tensor_of(const std::string& name, const Rows& rows, bool columns) {
  std::vector<float> values(rows.size() * kWidth);
  for (uint64_t u = 0; u < rows.size(); ++u) {
    for (uint64_t c = 0; c < kWidth; ++c) {
      values[columns ? c * rows.size() + u : u * kWidth + c] = rows[u][c];
    }
  }
  const std::vector<uint64_t> shape = columns ? std::vector<uint64_t>{kWidth, rows.size()}
                                              : std::vector<uint64_t>{rows.size(), kWidth};
  return stored(name, DType::f32, shape, values);
}

std::vector<float> noise(std::mt19937& random, float size) {
  std::normal_distribution<float> normal(0, size / std::sqrt(static_cast<float>(kWidth)));
  std::vector<float> out(kWidth);
  for (float& x : out) x = normal(random);
  return out;
}

void add(const std::vector<float>& values, float factor, std::vector<float>& sums) {
  for (size_t i = 0; i < sums.size(); ++i) sums[i] += factor * values[i];
}

class Disguise {
 public:
  explicit Disguise(bool marked) {
    std::filesystem::create_directory(scratch_ / "plain");
    write_tiny_model(scratch_ / "plain", "llama",
                     {.width = kWidth,
                      .vocabulary = 600,
                      .layers = kLayers,
                      .units = kUnits,
                      .dtype = DType::f32,
                      .seed = 5});
    if (marked) mark(open_model(scratch_ / "plain"), test_key("owner"), scratch_ / "marked");
    model_ = std::make_unique<MarkableModel>(open_model(scratch_ / (marked ? "marked" : "plain")));
    structures_ = share_structures(*model_, test_key("owner"), 1);
  }

  template <class Change>
  CarefulScan read(const Change& change) {
    auto tensors = tensors_of(*model_);
    for (uint64_t layer = 0; layer < kLayers; ++layer) {
      const std::string front = cat("model.layers.", layer, ".mlp.");
      Neurons neurons;
      for (auto [part, rows] : {std::pair("gate", &neurons.gate), std::pair("up", &neurons.up),
                                std::pair("down", &neurons.down)}) {
        const std::string name = cat(front, part, "_proj.weight");
        *rows = rows_of(values_of(model_->checkpoint, name), kUnits, kWidth, rows == &neurons.down);
      }
      change(neurons, random_);
      for (auto [part, rows] : {std::pair("gate", &neurons.gate), std::pair("up", &neurons.up),
                                std::pair("down", &neurons.down)}) {
        const std::string name = cat(front, part, "_proj.weight");
        tensor_named(tensors, name) = tensor_of(name, *rows, rows == &neurons.down);
      }
    }
    suspect_ = std::make_unique<MarkableModel>(
        write_model(scratch_ / cat("suspect", ++made_), tensors, *model_));
    CarefulScan scan(suspect_->checkpoint, suspect_->anatomy, structures_);
    must(scan.run(2, nullptr));
    return scan;
  }
  double z(const CarefulScan& scan) const {
    return z_of(structures_[0], scan.windows().at(0).sketches, 0, TagRule::hard);
  }
  // A direction of length 1 that the frame does not read, as gates of this layer store it.
  std::vector<float> unread_direction(size_t layer) {
    const Frame& frame = structures_[0].frame;
    std::vector<float> out = noise(random_, 1);
    for (size_t r = 0; r < frame.rows; ++r) {
      const float* row = &frame.values[r * kWidth];
      const double along = std::inner_product(row, row + kWidth, out.begin(), 0.0);
      for (size_t i = 0; i < kWidth; ++i) out[i] -= static_cast<float>(along * row[i]);
    }
    const auto& weights = model_->anatomy.norm_weights[*model_->anatomy.groups[layer].in_norm];
    for (size_t i = 0; i < kWidth; ++i) out[i] /= weights[i];
    return out;
  }
  double plain_z() const {
    return z_of(structures_[0], sketch_all(*suspect_, structures_), 0, TagRule::hard);
  }

 private:
  Scratch scratch_;
  std::unique_ptr<MarkableModel> model_, suspect_;
  std::vector<Structure> structures_;
  std::mt19937 random_{3};
  int made_ = 0;
};

// Three neurons of each gate, whose gates are `apart` from it; downs with cancelling noise.
void clone(Neurons& neurons, std::mt19937& random, float size, float apart) {
  Neurons out;
  for (size_t u = 0; u < kUnits; ++u) {
    std::vector<float> sum(kWidth);
    for (int i = 0; i < 3; ++i) {
      std::vector<float> gate = neurons.gate[u], down = neurons.down[u];
      add(noise(random, apart), 1, gate);
      for (float& x : down) x /= 3;
      const auto extra = i < 2 ? noise(random, size) : sum;
      add(extra, i < 2 ? 1.0f : -1.0f, down);
      if (i < 2) add(extra, 1, sum);
      out.gate.push_back(gate);
      out.up.push_back(neurons.up[u]);
      out.down.push_back(down);
    }
  }
  neurons = std::move(out);
}

void keep(Neurons&, std::mt19937&) {}
void clone_3x(Neurons& neurons, std::mt19937& random) { clone(neurons, random, 3, 0); }
void clone_apart(Neurons& neurons, std::mt19937& random) { clone(neurons, random, 1, 0.05f); }
void weak_patterns(Neurons& neurons, std::mt19937&) {
  std::mt19937 same(1);
  Neurons patterns;
  for (int i = 0; i < 16; ++i) {
    patterns.gate.push_back(noise(same, 1));
    patterns.up.push_back(noise(same, 1));
    patterns.down.push_back(noise(same, 0x1p-40f));
  }
  for (size_t u = 0; u < kUnits; ++u) {
    neurons.gate.push_back(patterns.gate[u % 16]);
    neurons.up.push_back(patterns.up[u % 16]);
    neurons.down.push_back(patterns.down[u % 16]);
  }
}

}  // namespace

TEST_CASE("clones with cancelling noise and weak patterns hide nothing from careful sketches",
          "[embed]") {
  Disguise marked(true), plain(false);
  const double z = marked.z(marked.read(keep));
  REQUIRE(z > 6);
  for (const auto& change : {clone_3x, clone_apart, weak_patterns}) {
    const CarefulScan scan = marked.read(change);
    CAPTURE(z, marked.plain_z(), scan.facts().merged_units);
    CHECK(marked.z(scan) > z - 0.5);
    CHECK(marked.plain_z() < z - 1);
    CHECK(scan.windows()[0].neurons == kUnits * kLayers);
    CHECK(std::abs(plain.z(plain.read(change))) < 4);
  }
}

TEST_CASE("a huge constant in every gate, and junk there, hide little from careful sketches",
          "[embed]") {
  Disguise marked(true);
  const double z = marked.z(marked.read(keep));
  for (const bool cloned : {false, true}) {
    size_t layer = 0;
    const CarefulScan scan = marked.read([&](Neurons& neurons, std::mt19937& random) {
      const std::vector<float> unread = marked.unread_direction(layer++);
      if (cloned) clone_3x(neurons, random);
      for (auto& gate : neurons.gate) {
        std::uniform_real_distribution<float> junk(-10, 10);
        add(unread, cloned ? junk(random) : 1000.0f, gate);
      }
    });
    CHECK(scan.facts().merged_units == (cloned ? 3 * kUnits * kLayers : 0));
    CHECK(scan.windows().at(0).neurons == kUnits * kLayers);
    CHECK(marked.z(scan) > z - 3.5);  // the gates add less
  }
}

TEST_CASE("a whole FFN of one gate is one neuron", "[embed]") {
  Disguise marked(true);
  const CarefulScan scan = marked.read([](Neurons& neurons, std::mt19937& random) {
    const auto gate = neurons.gate[0];
    for (size_t u = 0; u < 400; ++u) {
      neurons.gate.push_back(gate);
      neurons.up.push_back(noise(random, 1));
      neurons.down.push_back(noise(random, 1));
    }
  });
  CHECK(scan.facts().neurons == kUnits * kLayers);
  CHECK(scan.facts().merged_units == kLayers * 401);
}

}  // namespace wmk::embed
