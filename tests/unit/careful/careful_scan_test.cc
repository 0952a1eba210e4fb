// Careful windows: on honest models those of a plain scan; the same for any threads.
#include "embed/careful/careful_scan.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "embed/read/scan.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr TinySizes kSizes{.width = 64, .vocabulary = 400, .layers = 3, .units = 320, .seed = 11};

// A marked model in `scratch`, opened.
MarkableModel marked_model(const Scratch& scratch, std::string_view architecture = "llama",
                           TinySizes sizes = kSizes) {
  std::filesystem::create_directory(scratch / "plain");
  write_tiny_model(scratch / "plain", architecture, sizes);
  mark(open_model(scratch / "plain"), test_key("owner"), scratch / "marked");
  return open_model(scratch / "marked");
}

double plain_z(const MarkableModel& model, const std::vector<Structure>& structures) {
  return z_of(structures[0], sketch_all(model, structures), 0, TagRule::hard);
}

double window_z(const std::vector<Structure>& structures, const Window& window) {
  return z_of(structures[0], window.sketches, 0, TagRule::hard);
}

void scale_rows(std::vector<StoredTensor>& tensors, std::string_view part, float factor,
                DType dtype) {
  for (StoredTensor& tensor : tensors) {
    if (tensor.name.find(part) == std::string::npos) continue;
    std::vector<float> values(tensor.data.size() / sizeof(float));
    std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
    for (float& value : values) value *= factor;
    tensor = stored(tensor.name, dtype, tensor.shape, values);
  }
}

CarefulScan careful(const MarkableModel& model, const std::vector<Structure>& structures,
                    unsigned threads = 1) {
  CarefulScan scan(model.checkpoint, model.anatomy, structures);
  must(scan.run(threads, nullptr));
  return scan;
}

}  // namespace

TEST_CASE("the first careful window of an honest model has the plain z", "[embed]") {
  for (const char* architecture : {"llama", "gpt2", "mixtral"}) {
    CAPTURE(architecture);
    Scratch scratch;
    const MarkableModel model = marked_model(scratch, architecture);
    const auto structures = share_structures(model, test_key("owner"), 1);
    const CarefulScan scan = careful(model, structures);
    REQUIRE_FALSE(scan.windows().empty());
    const Window& window = scan.windows()[0];
    CHECK(window.neurons == model.anatomy.unit_count());
    CHECK(window.sketches.weights == model.anatomy.weight_count());
    CHECK(window.merged_units == 0);
    CHECK_FALSE(window.limited);
    CHECK(window_z(structures, window) == Approx(plain_z(model, structures)).margin(0.1));
    const auto other = share_structures(model, test_key("other"), 1);
    CHECK(std::abs(window_z(other, careful(model, other).windows()[0])) < 4);
  }
}

TEST_CASE("powers of two in up and down change no careful z", "[embed]") {
  Scratch scratch;
  const MarkableModel model = marked_model(scratch);
  const auto structures = share_structures(model, test_key("owner"), 1);
  const double expected = window_z(structures, careful(model, structures).windows()[0]);
  for (DType dtype : {DType::bf16, DType::f32, DType::f64}) {
    CAPTURE(static_cast<int>(dtype));
    auto tensors = tensors_of(model);
    scale_rows(tensors, "up_proj", 0x1p70f, dtype);
    scale_rows(tensors, "down_proj", 0x1p-70f, dtype);
    Scratch other;
    const MarkableModel suspect = write_model(other / "suspect", tensors, model);
    CHECK(sketch_all(suspect, structures).skipped == suspect.anatomy.unit_count());
    const CarefulScan scan = careful(suspect, structures);
    CHECK(scan.facts().skipped == 0);
    CHECK(window_z(structures, scan.windows()[0]) == Approx(expected).margin(0.02));
  }
}

TEST_CASE("units with a vector that is zero or not finite are skipped", "[embed]") {
  Scratch scratch;
  const MarkableModel model = marked_model(scratch);
  const auto structures = share_structures(model, test_key("owner"), 1);
  auto tensors = tensors_of(model);
  StoredTensor& up = tensor_named(tensors, "model.layers.0.mlp.up_proj.weight");
  auto* values = reinterpret_cast<float*>(up.data.data());
  std::fill_n(values + 64 * 5, 64, 0.0f);
  values[64 * 9 + 3] = std::numeric_limits<float>::infinity();
  values[64 * 10] = std::numeric_limits<float>::quiet_NaN();
  values[64 * 300 + 7] = 0x1p120f;  // large, but finite
  const MarkableModel suspect = write_model(scratch / "suspect", tensors, model);
  const CarefulScan scan = careful(suspect, structures);
  CHECK(scan.facts().skipped == 3);
  CHECK(scan.facts().not_finite == 2);
  CHECK(scan.facts().neurons == suspect.anatomy.unit_count() - 3);
  CHECK(window_z(structures, scan.windows()[0]) == Approx(plain_z(model, structures)).margin(0.3));
}

TEST_CASE("careful sketches are the same for any threads, and for one pass or two", "[embed]") {
  Scratch scratch;
  const MarkableModel model = marked_model(scratch);
  const auto structures = share_structures(model, test_key("owner"), 2);
  // A twentieth of the neurons in each of twenty bands: too many to keep all sketches.
  auto tensors = tensors_of(model);
  for (int layer = 0; layer < 3; ++layer) {
    auto& up = tensor_named(tensors, cat("model.layers.", layer, ".mlp.up_proj.weight"));
    auto* values = reinterpret_cast<float*>(up.data.data());
    for (int unit = 0; unit < 320; ++unit) {
      if (unit % 2 == 0) continue;  // half of them are as they were
      for (int c = 0; c < 64; ++c) {
        values[unit * 64 + c] = std::ldexp(values[unit * 64 + c], -4 * (unit % 40));
      }
    }
  }
  const MarkableModel many = write_model(scratch / "many", tensors, model);
  for (const MarkableModel* suspect : {&model, &many}) {
    const CarefulScan one = careful(*suspect, structures, 1);
    const CarefulScan three = careful(*suspect, structures, 3);
    CHECK(one.facts().bytes == (suspect == &many ? 2 : 1) * sketch_all(*suspect, structures).bytes);
    REQUIRE(one.windows().size() == three.windows().size());
    REQUIRE(one.windows().size() <= 3);
    for (size_t i = 0; i < one.windows().size(); ++i) {
      CHECK(one.windows()[i].band == three.windows()[i].band);
      for (VectorKind kind : kVectorKinds) {
        CHECK(one.windows()[i].sketches.at(1, TagRule::soft).sums(kind) ==
              three.windows()[i].sketches.at(1, TagRule::soft).sums(kind));
      }
    }
  }
  CHECK(careful(many, structures).windows()[0].neurons >= 480);
}

TEST_CASE("coordinates that a plain scan kept give the same careful windows", "[embed]") {
  Scratch scratch;
  const MarkableModel model = marked_model(scratch);
  auto tensors = tensors_of(model);
  scale_rows(tensors, "up_proj", 0x1p70f, DType::f32);  // the plain scan cannot square these
  const MarkableModel loud = write_model(scratch / "loud", tensors, model);
  const auto structures = share_structures(model, test_key("owner"), 1);
  for (const MarkableModel* suspect : {&model, &loud}) {
    CoordinateMemo memo(8 << 20);
    const auto order = scan_order(suspect->checkpoint, suspect->anatomy);
    Scan plain(suspect->checkpoint, suspect->anatomy, structures, order, analysis_ends(order, true),
               false);
    must(plain.advance(1, nullptr));  // what is read before is not in the memo
    plain.keep_coordinates({&memo, 1});
    while (!plain.done()) must(plain.advance(1, nullptr));
    CarefulScan scan(suspect->checkpoint, suspect->anatomy, structures, ScanMemo{&memo, 1});
    must(scan.run(1, nullptr));
    const CarefulScan expected = careful(*suspect, structures);
    CHECK(scan.facts().bytes == expected.facts().bytes);
    REQUIRE(scan.windows().size() == expected.windows().size());
    for (size_t i = 0; i < scan.windows().size(); ++i) {
      for (VectorKind kind : kVectorKinds) {
        CHECK(scan.windows()[i].sketches.at(0, TagRule::hard).sums(kind) ==
              expected.windows()[i].sketches.at(0, TagRule::hard).sums(kind));
      }
    }
  }
}

}  // namespace wmk::embed
