// The sites of a mark in detection: each is read, scored and named (specs/verdicts.md 2).
#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"
#include "verify/detect.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using embed::Site;

const TinySizes kSiteSizes = {.width = 128,
                              .vocabulary = 500,
                              .layers = 12,
                              .units = 500,
                              .dtype = checkpoint::DType::f32,
                              .seed = 47};

MarkableModel with_heads(MarkableModel model) {
  const auto config = must(checkpoint::read_config(model.checkpoint));
  model.anatomy.heads = must(checkpoint::find_heads(model.checkpoint, model.anatomy, config));
  return model;
}

struct MarkedSites {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  MarkableModel model;

  MarkedSites() : model(make()) {}
  MarkableModel make() {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kSiteSizes);
    Marking marking;
    marking.sites = embed::all_sites();
    mark(with_heads(open_model(scratch / "plain")), key, scratch / "marked", marking);
    return with_heads(open_model(scratch / "marked"));
  }

  // `from` with new random numbers in the matrices whose names hold `part`.
  MarkableModel renewed(const MarkableModel& from, const std::string& part) {
    auto tensors = tensors_of(from);
    for (StoredTensor& tensor : tensors) {
      if (tensor.name.find(part) == std::string::npos) continue;
      const size_t count = tensor.data.size() / sizeof(float);
      tensor = stored(tensor.name, checkpoint::DType::f32, tensor.shape, uniform(count, count));
    }
    std::filesystem::create_directory(scratch / part);
    return with_heads(write_model(scratch / part, tensors, from));
  }
  MarkableModel renewed(const std::string& part) { return renewed(model, part); }

  // The marked model with other scales, which change no product of two vectors that belong
  // together: up x 2^70; the values of each head by turns x 2^100 and x 2^-100.
  MarkableModel rescaled() {
    auto tensors = tensors_of(model);
    for (StoredTensor& tensor : tensors) {
      const auto is = [&](const char* part) { return tensor.name.find(part) != std::string::npos; };
      const int power = is("up_proj")     ? 70
                        : is("down_proj") ? -70
                        : is("v_proj")    ? 100
                        : is("o_proj")    ? -100
                                          : 0;
      if (power == 0) continue;
      auto values = values_of(model.checkpoint, tensor.name);
      for (size_t i = 0; i < values.size(); ++i) {
        const size_t turn = std::abs(power) == 70 ? 0 : power > 0 ? i / tensor.shape[1] : i;
        values[i] = std::ldexp(values[i], turn % 2 == 0 ? power : -power);
      }
      tensor = stored(tensor.name, checkpoint::DType::f32, tensor.shape, values);
    }
    std::filesystem::create_directory(scratch / "rescaled");
    return with_heads(write_model(scratch / "rescaled", tensors, model));
  }

  Detection read(const MarkableModel& suspect, embed::Sites sites = {{true, true, false}}) {
    DetectRequest request;
    request.shares = 1;
    request.full = true;
    request.sites = sites;
    request.output_if_open = false;
    return detect(suspect, key, std::move(request));
  }
};

const SiteZ& of(const Detection& found, Site site) {
  for (const SiteZ& each : found.sites) {
    if (each.site == site) return each;
  }
  throw std::runtime_error("the site was not read");
}

}  // namespace

TEST_CASE("all sites together show more than each of them", "[verify][sites]") {
  MarkedSites marked;
  const Detection found = marked.read(marked.model);
  CHECK(found.site == SiteChoice::all);
  CHECK(found.level == report::Level::conclusive);
  CHECK(found.z > of(found, Site::ffn).z);
  CHECK(found.z > of(found, Site::heads).z);
  CHECK(found.weights_read == of(found, Site::ffn).weights + of(found, Site::heads).weights);
  CHECK_FALSE(report::is_yes(marked.read(with_heads(open_model(marked.scratch / "plain"))).level));
}

TEST_CASE("heads show the mark where every FFN is new, and the FFN where attention is",
          "[verify][sites]") {
  MarkedSites marked;
  const Detection heads = marked.read(marked.renewed("mlp"));
  CAPTURE(heads.z, heads.expected_z);
  CHECK(heads.site == SiteChoice::heads);
  CHECK(report::is_yes(heads.level));
  CHECK(std::abs(of(heads, Site::ffn).z) < 4.5);
  const Detection ffn = marked.read(marked.renewed("self_attn"));
  CHECK(ffn.site == SiteChoice::ffn);
  CHECK(ffn.level == report::Level::conclusive);
  CHECK(std::abs(of(ffn, Site::heads).z) < 4.5);
}

TEST_CASE("only the requested sites are read", "[verify][sites]") {
  MarkedSites marked;
  const Detection heads = marked.read(marked.model, {{false, true, false}});
  CHECK(heads.site == SiteChoice::heads);
  CHECK(heads.sites.size() == 1);
  CHECK(report::is_yes(heads.level));
  const Detection ffn = marked.read(marked.model, {{true, false, false}});
  CHECK(ffn.site == SiteChoice::ffn);
  CHECK(ffn.sites.size() == 1);
  const Detection both = marked.read(marked.model, {{true, true, true}});
  CHECK(both.sites.size() == 3);  // the output head is read, if not marked
  CHECK(both.site == SiteChoice::all);
}

TEST_CASE("a window of heads stands beside the plain sketch of neurons", "[verify][sites]") {
  MarkedSites marked;
  const Detection found = marked.read(marked.renewed(marked.rescaled(), "mlp"));
  CHECK(found.site == SiteChoice::heads);
  CHECK(found.window > 0);
  CHECK(found.sites.size() == 2);
  CHECK(std::abs(of(found, Site::ffn).z) < 4.5);
  CHECK(found.weights_read == of(found, Site::heads).weights);
}

TEST_CASE("layers show the mark of neurons and of heads apart", "[verify][sites]") {
  MarkedSites marked;
  DetectRequest request;
  request.shares = 1;
  request.full = true;
  request.by_layer = true;
  const Detection found = detect(marked.model, marked.key, request);
  size_t heads = 0;
  for (const GroupZ& group : found.groups) heads += group.site == Site::heads ? 1 : 0;
  CHECK(heads == kSiteSizes.layers);
  REQUIRE(found.groups.size() == 2 * kSiteSizes.layers);

  SECTION("in the windows that show it") {
    const Detection moved = detect(marked.rescaled(), marked.key, request);
    CHECK(moved.window == 1);
    CHECK(moved.z == Approx(found.z).margin(0.3));
    REQUIRE(moved.groups.size() == found.groups.size());
    for (size_t i = 0; i < found.groups.size(); ++i) {
      CAPTURE(i);
      CHECK(moved.groups[i].site == found.groups[i].site);
      CHECK(moved.groups[i].weights == found.groups[i].weights);
      CHECK(moved.groups[i].z == Approx(found.groups[i].z).margin(0.3));
    }
  }
}

}  // namespace wmk::verify
