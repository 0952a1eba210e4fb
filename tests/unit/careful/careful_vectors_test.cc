// The small suspect of the second implementation: careful windows have the same z and length.
#include <algorithm>

#include "embed/careful/careful_scan.h"
#include "embed/read/share_readings.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

const std::string kFolder = WMK_SOURCE_DIR "/tests/vectors/careful";

json::Document expected_windows() {
  auto text = read_text(kFolder + "/expected.json", 1 << 20);
  REQUIRE(text);
  auto document = json::Document::parse(std::move(*text));
  REQUIRE(document);
  return std::move(*document);
}

// Within 1 %, or within 0.02 for values near zero.
bool agree(double value, double reference) {
  return std::abs(value - reference) <= std::max(0.01 * std::abs(reference), 0.02);
}

}  // namespace

TEST_CASE("careful windows of the small suspect are those of the reference", "[embed][vectors]") {
  const auto document = expected_windows();
  const json::Value root = document.root();
  const MarkableModel model = open_model(kFolder + "/suspect");
  for (const auto& [name, key] : {std::pair("right", "key"), std::pair("wrong", "wrong_key")}) {
    const auto structures = share_structures(model, secret_at(root, key), 1);
    const SketchSet plain = sketch_all(model, structures);
    CarefulScan scan(model.checkpoint, model.anatomy, structures);
    must(scan.run(1, nullptr));
    for (TagRule rule : kTagRules) {
      const json::Value expected = at(at(root, name), to_string(rule));
      CAPTURE(name, to_string(rule));
      size_t i = 0;
      for (const json::Value window : at(expected, "windows")) {
        REQUIRE(i < scan.windows().size());
        const Window& own = scan.windows()[i++];
        const auto reading = read_shares({0}, structures, own.sketches, 1)[0];
        const double z = reading.correlation[static_cast<size_t>(rule)].z();
        const double length = reading.length[static_cast<size_t>(rule)].value();
        CAPTURE(own.band, z, number_at(window, "z"), length, number_at(window, "length"));
        CHECK(own.band == static_cast<int>(number_at(window, "band")));
        CHECK(own.neurons == count_at(window, "neurons"));
        // The sketch of a few neurons has singular values that are rounding alone, and the guard
        // takes their median.
        if (own.neurons >= 16) CHECK(agree(z, number_at(window, "z")));
        CHECK(length == Approx(number_at(window, "length")).epsilon(0.01));
      }
      CHECK(i == scan.windows().size());
    }
  }
}

}  // namespace wmk::embed
