// A head that config.json ties to the embedding although its bytes differ: both are read
// (specs/output.md 2.1, 3.5).
#include <catch2/catch.hpp>
#include <fstream>

#include "base/text.h"
#include "embed/output/output_signs.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"
#include "verify/trace/trace.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using embed::Site;

const TinySizes kTiedSizes{.width = 32, .vocabulary = 12000, .layers = 2, .units = 400, .seed = 9};
constexpr const char* kTiedEmbedding = "model.embed_tokens.weight";
constexpr const char* kTiedHead = "lm_head.weight";

struct TiedCase {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");

  TiedCase() {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kTiedSizes);
  }

  // The marked output head of a tied model, or of an untied one.
  MarkableModel marked(bool tied, const Marking& marking) {
    const MarkableModel plain = open_model(scratch / "plain");
    auto tensors = tensors_of(plain);
    if (tied)
      std::erase_if(tensors, [](const StoredTensor& each) { return each.name == kTiedHead; });
    const MarkableModel source = write_model(scratch / cat("source", tied), tensors, plain);
    mark(source, key, scratch / cat("marked", tied), marking);
    return open_model(scratch / cat("marked", tied));
  }

  // The same with another head, and what config.json says of it.
  MarkableModel with_head(const MarkableModel& model, std::vector<float> values, bool declared) {
    auto tensors = tensors_of(model);
    std::erase_if(tensors, [](const StoredTensor& each) { return each.name == kTiedHead; });
    const auto shape = tensor_named(tensors, kTiedEmbedding).shape;
    tensors.push_back(stored(kTiedHead, checkpoint::DType::f32, shape, values));
    return declare(write_model(scratch / cat("head", ++count_), tensors, model), declared);
  }
  MarkableModel declare(const MarkableModel& model, bool declared) {
    const auto folder = scratch / cat("declared", ++count_);
    std::filesystem::copy(model.checkpoint.folder(), folder);
    std::string config = content_of(folder / "config.json");
    config.insert(1, cat("\"tie_word_embeddings\": ", declared ? "true, " : "false, "));
    std::ofstream(folder / "config.json") << config;
    return open_model(folder);
  }

  Detection read(const MarkableModel& suspect) const {
    DetectRequest request;
    request.shares = 1;
    request.full = true;
    request.sites = {{false, false, true}};
    return detect(suspect, key, std::move(request));
  }

 private:
  int count_ = 0;
};

std::vector<float> some_head() { return uniform(5, kTiedSizes.vocabulary * kTiedSizes.width); }

}  // namespace

TEST_CASE("a marked head of other bytes is read, whether it is declared to be tied or not",
          "[verify][output]") {
  TiedCase test;
  const MarkableModel marked = test.marked(false, {});
  for (const bool declared : {false, true}) {
    const Detection found = test.read(test.declare(marked, declared));
    CHECK(found.level == report::Level::conclusive);
    CHECK(found.site == SiteChoice::output);
    CHECK(found.price == (declared ? 2 : 1) * 5 * 2 * 2 * 7 * 4);  // the heads that are read
    CHECK(found.sites.front().head == (declared ? kTiedHead : ""));
  }
}

TEST_CASE("a marked embedding is read as the head where a decoy beside it is declared to be tied",
          "[verify][output]") {
  TiedCase test;
  const MarkableModel marked = test.marked(true, {});
  const Detection honest = test.read(marked);
  REQUIRE(honest.level == report::Level::conclusive);
  const Detection tied = test.read(test.with_head(marked, some_head(), true));
  CHECK(tied.z == Approx(honest.z).margin(1e-6));
  CHECK(tied.price == 2 * honest.price);
  CHECK(tied.sites.front().head == kTiedEmbedding);
  // A head that cannot be read hides nothing.
  const std::vector<float> constant(some_head().size(), 1.0f);
  CHECK(test.read(test.with_head(marked, constant, true)).z == Approx(honest.z).margin(1e-6));
  // Where nothing says so, the embedding is no head.
  CHECK_FALSE(report::is_yes(test.read(test.with_head(marked, some_head(), false)).level));
}

TEST_CASE("a licensee is named by either head where both are declared to be tied",
          "[verify][trace][output]") {
  TiedCase test;
  const MarkableModel untied = test.marked(false, {.licensee = "licensee 17"});
  const MarkableModel tied = test.marked(true, {.licensee = "licensee 17"});
  TraceRequest request;
  request.master = &test.key;
  for (int i = 0; i < 50; ++i) request.licensees.push_back(cat("licensee ", i));
  std::vector<MarkableModel> suspects;
  suspects.push_back(test.declare(untied, true));
  suspects.push_back(test.with_head(tied, some_head(), true));
  for (const MarkableModel& model : suspects) {
    auto tensors = tensors_of(model);  // every FFN is new
    for (StoredTensor& each : tensors) {
      if (each.name.find("mlp") == std::string::npos) continue;
      const size_t count = each.data.size() / sizeof(float);
      each = stored(each.name, checkpoint::DType::f32, each.shape, uniform(count, count));
    }
    const auto folder = model.checkpoint.folder().string() + "-new";
    const MarkableModel suspect = write_model(folder, tensors, model);
    const Trace found =
        must(trace({&suspect.checkpoint, &suspect.anatomy, &suspect.vocabulary}, request));
    CHECK(found.level == report::Level::conclusive);
    CHECK(found.site == TraceSite::output);
    CHECK(found.best[0].id == "licensee 17");
    CHECK(found.own_directions);
    CHECK(found.head == (&model == suspects.data() ? kTiedHead : kTiedEmbedding));
    CHECK(found.price == 2 * 2 * 1600);
  }
}

}  // namespace wmk::verify
