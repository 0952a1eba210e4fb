// Which tensor is the output head, whether it is marked, and what marking writes.
#include "embed/output/output_head.h"

#include "base/text.h"
#include "checkpoint/naming/naming.h"
#include "embed/mark/site_plan.h"
#include "embed/scheme/keys.h"
#include "tests/support/marking.h"
#include "tests/support/output_case.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

// A model whose head is large enough for its width.
constexpr TinySizes kLargeVocabulary{.width = 32, .vocabulary = 3000, .layers = 1, .units = 200};

enum class HeadKind { none, equal, other };

// A llama with this head; the config says "tie_word_embeddings" if `declared`.
MarkableModel model_with_head(const Scratch& scratch, HeadKind kind, bool declared = false) {
  const auto folder = scratch / cat("model", static_cast<int>(kind), declared);
  std::filesystem::create_directory(folder);
  write_tiny_model(folder, "llama", kLargeVocabulary);
  auto tensors = tiny_tensors("llama", kLargeVocabulary);
  StoredTensor copy = tensor_named(tensors, "model.embed_tokens.weight");
  copy.name = "lm_head.weight";
  if (kind != HeadKind::other) {
    std::erase_if(tensors, [](const StoredTensor& t) { return t.name == "lm_head.weight"; });
  }
  if (kind == HeadKind::equal) tensors.push_back(copy);
  write_safetensors(folder / "model.safetensors", tensors);
  if (declared) {
    std::string config = content_of(folder / "config.json");
    config.insert(1, "\"tie_word_embeddings\": true, ");
    scratch.put(cat(folder.filename().string(), "/config.json"), config);
  }
  return open_model(folder);
}

std::string head_name(const MarkableModel& model, const OutputHead& head) {
  return model.checkpoint.tensors()[head.tensor].name;
}

}  // namespace

TEST_CASE("a head that is absent or has the bytes of the embedding is the embedding", "[output]") {
  Scratch scratch;
  for (const HeadKind kind : {HeadKind::none, HeadKind::equal, HeadKind::other}) {
    for (const bool declared : {false, true}) {
      CAPTURE(static_cast<int>(kind), declared);
      const auto model = model_with_head(scratch, kind, declared);
      const auto heads = must(find_output_heads(model.checkpoint, model.anatomy));
      const OutputHead& head = heads.front();
      const bool tied = kind != HeadKind::other;
      CHECK(head.missing.empty());
      CHECK(head.tied == tied);
      CHECK(head_name(model, head) == (tied ? "model.embed_tokens.weight" : "lm_head.weight"));
      CHECK(head.copy.has_value() == (kind == HeadKind::equal));
      CHECK(head.rows == 3000);
      // Loaders that obey config.json take the embedding.
      REQUIRE(heads.size() == (!tied && declared ? 2 : 1));
      CHECK(heads.back().tied == (tied || declared));
    }
  }
}

TEST_CASE("a head of its own that cannot be read leaves the embedding where both are tied",
          "[output][bad-input]") {
  Scratch scratch;
  for (const bool declared : {false, true}) {
    const auto folder = scratch / cat("integers", declared);
    std::filesystem::create_directory(folder);
    write_tiny_model(folder, "llama", kLargeVocabulary);
    auto tensors = tiny_tensors("llama", kLargeVocabulary);
    StoredTensor& head = tensor_named(tensors, "lm_head.weight");
    head.dtype = checkpoint::DType::i16;  // of the size of the type that it had
    write_safetensors(folder / "model.safetensors", tensors);
    if (declared) {
      scratch.put(cat("integers", declared, "/config.json"),
                  "{\"model_type\": \"llama\", \"tie_word_embeddings\": true}");
    }
    const auto model = open_model(folder);
    const auto found = must(find_output_heads(model.checkpoint, model.anatomy));
    REQUIRE(found.size() == 1);
    CHECK(found[0].tied == declared);
    CHECK(found[0].missing == (declared ? "" : "tensor 'lm_head.weight' holds I16"));
  }
}

TEST_CASE("a head of integers, of another shape or too small is not marked, and says why",
          "[output]") {
  Scratch scratch;
  const auto model = model_with_head(scratch, HeadKind::none);
  auto head = must(find_output_head(model.checkpoint, model.anatomy));
  CHECK(output_not_markable(model.checkpoint, model.anatomy, head, 1).empty());
  head.rows = 300;
  CHECK(output_not_markable(model.checkpoint, model.anatomy, head, 1).find("below 8") !=
        std::string::npos);
  head.missing = "no head";
  CHECK(output_not_markable(model.checkpoint, model.anatomy, head, 1) == "no head");

  std::filesystem::create_directory(scratch / "odd");
  write_tiny_model(scratch / "odd", "llama", kLargeVocabulary);
  auto tensors = tiny_tensors("llama", kLargeVocabulary);
  tensor_named(tensors, "lm_head.weight").shape = {32, 3000};
  write_safetensors(scratch / "odd/model.safetensors", tensors);
  const auto odd = open_model(scratch / "odd");
  CHECK(must(find_output_head(odd.checkpoint, odd.anatomy)).missing.find("[32, 3000]") !=
        std::string::npos);
}

TEST_CASE("a tied head that is stored twice is marked once and written to both",
          "[output][embed]") {
  Scratch scratch;
  const auto model = model_with_head(scratch, HeadKind::equal);
  const auto result =
      mark(model, test_key("owner"), scratch / "marked", {.read_back_output = true});
  CHECK(result.sites.marks(Site::output));
  const auto marked = open_model(scratch / "marked");
  const auto embedding = values_of(marked.checkpoint, "model.embed_tokens.weight");
  CHECK(embedding == values_of(marked.checkpoint, "lm_head.weight"));
  CHECK(embedding != values_of(model.checkpoint, "model.embed_tokens.weight"));

  // The same without the second tensor: one name gives the seed of the rounding.
  const auto tied = model_with_head(scratch, HeadKind::none);
  (void)mark(tied, test_key("owner"), scratch / "tied");
  CHECK(values_of(open_model(scratch / "tied").checkpoint, "model.embed_tokens.weight") ==
        embedding);
}

TEST_CASE("a head of other bytes is marked and its embedding keeps its bytes", "[output][embed]") {
  Scratch scratch;
  for (const bool declared : {false, true}) {
    const auto model = model_with_head(scratch, HeadKind::other, declared);
    const auto out = scratch / cat("marked", declared);
    CHECK_FALSE(mark(model, test_key("owner"), out).sites.head.tied);
    const auto marked = open_model(out);
    CHECK(values_of(marked.checkpoint, "model.embed_tokens.weight") ==
          values_of(model.checkpoint, "model.embed_tokens.weight"));
    CHECK(values_of(marked.checkpoint, "lm_head.weight") !=
          values_of(model.checkpoint, "lm_head.weight"));
  }
}

TEST_CASE("the mark of all sites is the same for any number of threads", "[output][embed]") {
  Scratch scratch;
  const auto model = model_with_head(scratch, HeadKind::none);
  (void)mark(model, test_key("owner"), scratch / "one", {.threads = 1});
  (void)mark(model, test_key("owner"), scratch / "four", {.threads = 4, .block_bytes = 5000});
  CHECK(content_of(scratch / "one/model.safetensors") ==
        content_of(scratch / "four/model.safetensors"));
}

TEST_CASE("with a tied head the FFN is found in the frame of the marked embedding",
          "[output][embed]") {
  Scratch scratch;
  const auto model = model_with_head(scratch, HeadKind::none);
  const auto key = test_key("owner");
  const auto result = mark(model, key, scratch / "marked", {.shares = 2, .read_back_output = true});
  REQUIRE(result.site_read_backs.size() == 1);
  const SiteReadBack& output = result.site_read_backs[0];
  CHECK(output.site == Site::output);
  CHECK(output.z.size() == 2);
  CHECK(output.total > 10);
  const auto marked = open_model(scratch / "marked");
  const auto structures = share_structures(marked, key, 2);
  const SketchSet sketches = sketch_all(marked, structures);
  for (size_t s = 0; s < 2; ++s) {
    CHECK(z_of(structures[s], sketches, s, TagRule::hard) ==
          Approx(result.read_back.read.z[s]).margin(1e-6));
  }
  // Reading the marked model again gives what was read back.
  const auto head = must(find_output_head(marked.checkpoint, marked.anatomy));
  OutputCarriers carriers =
      output_carriers(key, 2, false, head_labels(marked.vocabulary.strings, head.rows), 1);
  const auto read = must(read_output_weights(marked.checkpoint, head, carriers, 1, nullptr));
  CHECK(read.total(result.sites.output_pairs).z() == Approx(output.total).margin(1e-6));
}

TEST_CASE("only the chosen sites are marked, and the record names them", "[output][embed]") {
  Scratch scratch;
  const auto model = model_with_head(scratch, HeadKind::other);
  Sites only;
  only[Site::output] = true;
  (void)mark(model, test_key("owner"), scratch / "output",
             {.sites = only, .read_back_output = true});
  const auto marked = open_model(scratch / "output");
  const std::string up = "model.layers.0.mlp.up_proj.weight";
  CHECK(values_of(marked.checkpoint, up) == values_of(model.checkpoint, up));
  CHECK(values_of(marked.checkpoint, "lm_head.weight") !=
        values_of(model.checkpoint, "lm_head.weight"));
  const MarkRecord record = must(read_record(record_of(scratch / "output")));
  CHECK(record.sites == only);
  CHECK(record.output_pairs == output_pairs(3000, 32, 1));
  CHECK(record.output_rows == 3000);
  REQUIRE(record.site_read_backs.size() == 1);
  CHECK(record.site_read_backs[0].total > 10);
  CHECK(record.site_read_backs[0].weights == 3000 * 32);

  Sites ffn;
  ffn[Site::ffn] = true;
  (void)mark(model, test_key("owner"), scratch / "ffn", {.sites = ffn});
  CHECK(values_of(open_model(scratch / "ffn").checkpoint, "lm_head.weight") ==
        values_of(model.checkpoint, "lm_head.weight"));
  CHECK(must(read_record(record_of(scratch / "ffn"))).sites == ffn);
}

TEST_CASE("a licensee's pass marks the output head for the licensee alone", "[output][embed]") {
  Scratch scratch;
  const auto model = model_with_head(scratch, HeadKind::none);
  const auto key = test_key("owner");
  (void)mark(model, key, scratch / "owner");
  const auto owner = open_model(scratch / "owner");
  const auto result =
      mark(owner, key, scratch / "acme", {.licensee = "acme", .read_back_output = true});
  REQUIRE(result.site_read_backs.size() == 1);
  CHECK(result.site_read_backs[0].total > 10);
  const auto acme = open_model(scratch / "acme");
  const auto head = must(find_output_head(acme.checkpoint, acme.anatomy));
  const OutputCarriers carriers =
      output_carriers(key, 1, true, head_labels(acme.vocabulary.strings, head.rows), 1);
  const auto read = must(read_output_weights(acme.checkpoint, head, carriers, 1, nullptr));
  const size_t pairs = result.sites.output_pairs;
  const auto trace = trace_key(key);
  CHECK(read.licensee(output_code(trace, "acme"), pairs).z() > 10);
  CHECK(read.total(pairs).z() > 10);
  double largest = 0;
  for (int i = 0; i < 200; ++i) {
    const double z = read.licensee(output_code(trace, cat("other", i)), pairs).z();
    largest = std::max(largest, std::abs(z));
  }
  CHECK(largest < 5);
}

}  // namespace wmk::embed
