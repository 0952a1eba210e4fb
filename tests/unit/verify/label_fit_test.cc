// A *no* needs labels that belong to the embedding: those of the release, and true ones.
#include "verify/label_fit.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/json.h"
#include "base/text.h"
#include "embed/scheme/label_set.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"
#include "verify/trace/trace.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using checkpoint::DType;
using report::Level;

const TinySizes kFitSizes = {.width = 64,
                             .vocabulary = 500,
                             .layers = 4,
                             .units = 2960,
                             .dtype = DType::f32,
                             .seed = 31,
                             .words = true};

std::string tokenizer_with(const std::vector<std::string>& strings) {
  json::Writer out;
  out.begin_object().key("model").begin_object().key("vocab").begin_object();
  for (uint64_t i = 0; i < strings.size(); ++i) out.member(strings[i], i);
  return out.end_object().end_object().end_object().finish();
}

// Every `step`-th string takes the place of the one `step` rows further.
std::vector<std::string> moved(std::vector<std::string> strings, size_t step) {
  const auto before = strings;
  for (size_t i = 0; i + step < strings.size(); i += step) strings[i + step] = before[i];
  strings[0] = before[(strings.size() - 1) / step * step];
  return strings;
}

struct Release {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  std::optional<MarkableModel> plain, marked;
  std::optional<embed::MarkRecord> record;

  Release() {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", "llama", kFitSizes);
    plain = open_model(scratch / "plain");
    mark(*plain, key, scratch / "marked");
    marked = open_model(scratch / "marked");
    record = must(embed::read_record(test::record_of(scratch / "marked")));
  }
  MarkableModel with_strings(const MarkableModel& model, const char* name,
                             const std::vector<std::string>& strings) const {
    write_model(scratch / name, tensors_of(model), model);
    scratch.put(cat(name, "/tokenizer.json"), tokenizer_with(strings));
    return open_model(scratch / name);
  }
};

LabelFit fit_of(const MarkableModel& model, unsigned threads = 1) {
  return must(fit_labels({&model.checkpoint, &model.anatomy, &model.vocabulary}, threads));
}

void check_open(const Detection& found, DoubtKind kind, const char* words) {
  CAPTURE(found.z);
  CHECK(found.level == Level::undecided);
  REQUIRE(found.doubt);
  CHECK(found.doubt->kind == kind);
  CHECK_THAT(found.doubt->text, Catch::Matchers::Contains(words));
}

}  // namespace

TEST_CASE("pairs are words with a space or a capital letter, by their rows", "[verify][labels]") {
  checkpoint::Vocabulary vocabulary;
  vocabulary.strings = {"the",
                        " the",
                        "The",
                        " The",
                        "THE",
                        "of",
                        " of",
                        "#7",
                        "a1b",
                        " a1b",
                        "the",
                        "\xD0\xB8\xD0\xB7",
                        " \xD0\xB8\xD0\xB7"};
  std::vector<std::pair<uint64_t, uint64_t>> found;
  for (const RowPair& pair : word_pairs(vocabulary)) found.emplace_back(pair.first, pair.second);
  // "of" is too short, "a1b" is not a word, row 10 repeats a label.
  CHECK(found ==
        std::vector<std::pair<uint64_t, uint64_t>>{{0, 1}, {0, 2}, {1, 3}, {2, 3}, {11, 12}});
}

TEST_CASE("the worked example of specs/verdicts.md 3.6", "[verify][labels]") {
  Scratch scratch;
  write_tiny_model(scratch.folder(), "llama", {.width = 2, .vocabulary = 4, .dtype = DType::f32});
  auto model = open_model(scratch.folder());
  auto tensors = tensors_of(model);
  StoredTensor& embedding = tensor_named(tensors, "model.embed_tokens.weight");
  embedding = stored(embedding.name, DType::f32, {4, 2}, {3, 0, 4, 3, 0, 2, -3, 4});
  const auto alike = [&](const std::vector<std::string>& strings, const char* name) {
    write_model(scratch / name, tensors, model);
    scratch.put(cat(name, "/tokenizer.json"), tokenizer_with(strings));
    const LabelFit fit = fit_of(open_model(scratch / name));
    CHECK(fit.pairs == 2);
    CHECK(fit.covered == 1);
    return fit.alike;
  };
  CHECK(alike({"dog", " dog", "cat", " cat"}, "true") == 1);
  CHECK(alike({"dog", " cat", "cat", " dog"}, "false") == 0);
}

TEST_CASE("a tokenizer whose strings were moved ends in no *no*, with or without the record",
          "[verify][labels]") {
  const Release release;
  const auto& strings = release.plain->vocabulary.strings;
  CHECK(fit_of(*release.plain).alike > 0.99);
  CHECK(fit_of(*release.plain, 3).alike == fit_of(*release.plain).alike);
  const DetectRequest recorded{.record = &*release.record};
  CHECK(detect(*release.plain, release.key, recorded).level == Level::not_found);
  // All strings moved: the same set of labels, so only the embedding can tell.
  const char* words = "the strings of the tokenizer do not describe this embedding";
  for (const auto& [name, changed] : {std::pair{"all", moved(strings, 1)},
                                      {"half", moved(strings, 2)},
                                      {"tenth", moved(strings, 10)}}) {
    CAPTURE(name);
    const auto innocent = release.with_strings(*release.plain, name, changed);
    CHECK(fit_of(innocent).alike < kFitAlikeMin);
    check_open(detect(innocent, release.key, recorded), DoubtKind::tokenizer, words);
  }
}

TEST_CASE("another tokenizer than the release's ends in no *no*", "[verify][labels]") {
  const Release release;
  const DetectRequest recorded{.record = &*release.record};
  auto strings = release.plain->vocabulary.strings;
  // 4 % of new tokens are no other tokenizer; 6 % are.
  for (size_t i = 0; i < 20; i += 1) strings[i] = cat("<new ", i, ">");
  const auto few = release.with_strings(*release.plain, "few", strings);
  CHECK(detect(few, release.key, recorded).level == Level::not_found);
  for (size_t i = 20; i < 30; i += 1) strings[i] = cat("<new ", i, ">");
  const auto many = release.with_strings(*release.plain, "many", strings);
  check_open(detect(many, release.key, recorded), DoubtKind::labels,
             "the tokenizer is not the release's: 6.0 % of the tokens differ");
}

TEST_CASE("a tokenizer without pairs of words excludes nothing", "[verify][labels]") {
  const Release release;
  std::vector<std::string> strings;
  for (size_t i = 0; i < kFitSizes.vocabulary; ++i) strings.push_back(cat("token", i));
  const auto suspect = release.with_strings(*release.plain, "numbers", strings);
  CHECK(fit_of(suspect).pairs == 0);
  LabelFit fit{.pairs = 50, .covered = 0.2, .alike = 0.95};
  CHECK_FALSE(doubt_of(fit));
  fit.pairs = 49;
  CHECK_THAT(doubt_of(fit).value().text, Catch::Matchers::Contains("too few pairs"));
  // SmolLM2 with half of its strings renamed: what is left of the pairs is alike.
  fit = {.pairs = 5000, .covered = 0.16, .alike = 1};
  CHECK_THAT(doubt_of(fit).value().text, Catch::Matchers::Contains("too few pairs"));
  fit = {.pairs = 5000, .covered = 0.5, .alike = 0.949};
  CHECK(doubt_of(fit).value().kind == DoubtKind::tokenizer);
}

TEST_CASE("an embedding made anew excludes nothing", "[verify][labels]") {
  const Release release;
  TinySizes other = kFitSizes;
  other.words = false;
  other.seed = 77;
  auto tensors = tensors_of(*release.plain);
  auto fresh = tiny_tensors("llama", other);
  tensor_named(tensors, "model.embed_tokens.weight") =
      tensor_named(fresh, "model.embed_tokens.weight");
  const auto suspect = write_model(release.scratch / "fresh", tensors, *release.plain);
  check_open(detect(suspect, release.key, {.record = &*release.record}), DoubtKind::tokenizer,
             "do not describe this embedding");
}

TEST_CASE("label hashes are those of BLAKE2b, sorted, each once, of rows with a token",
          "[verify][labels]") {
  // Made by hashlib.blake2b(..., digest_size=8) of Python.
  CHECK(embed::label_hash("the") == 0x2e3a97906cabda5e);
  CHECK(embed::label_hash(" the") == 0x9c810d9a9a4db904);
  checkpoint::Vocabulary vocabulary;
  vocabulary.strings = {"the", "#1", " the", "the", "#4", "#1"};
  const auto hashes = embed::label_hashes(vocabulary);
  // "#1" is no token in row 1, and one in row 5.
  CHECK(hashes.size() == 3);
  CHECK(std::is_sorted(hashes.begin(), hashes.end()));
  CHECK(std::count(hashes.begin(), hashes.end(), embed::label_hash(" the")) == 1);
}

TEST_CASE("the difference of two label sets is the larger part that one lacks",
          "[verify][labels]") {
  CHECK(embed::label_difference({}, {}) == 0);
  CHECK(embed::label_difference({1, 2, 3, 4}, {1, 2, 3, 4}) == 0);
  CHECK(embed::label_difference({1, 2, 3, 4}, {1, 2, 3, 5}) == 0.25);
  CHECK(embed::label_difference({1, 2, 3, 4}, {1, 2}) == 0.5);
  CHECK(embed::label_difference({1, 2}, {1, 2, 3, 4}) == 0.5);
  CHECK(embed::label_difference({1, 2}, {}) == 1);
}

}  // namespace wmk::verify
