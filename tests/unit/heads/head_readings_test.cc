// Heads that are counted or named otherwise than they are: other readings find the mark that heads
// alone carry (specs/readings.md 1, specs/shapes.md 2).
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "base/text.h"
#include "checkpoint/attention/heads.h"
#include "tests/support/marking.h"
#include "tests/unit/embed/mark_vectors.h"
#include "tests/unit/scratch.h"
#include "verify/detect.h"

namespace wmk::verify {
namespace {

using namespace wmk::test;
using checkpoint::DType;

constexpr uint64_t kRead = 128, kReadHeads = 4;  // of 32 values
constexpr TinySizes kHeadReadingSizes{
    .width = kRead, .vocabulary = 500, .layers = 12, .units = 64, .dtype = DType::f32, .seed = 31};

std::string config_of_heads(uint64_t heads) {
  const std::string config = tiny_config("llama", kHeadReadingSizes);
  return cat("{\"num_attention_heads\": ", heads, ", \"num_key_value_heads\": ", heads, ", ",
             config.substr(config.find('{') + 1));
}

// A model whose heads alone are marked, and the same one without a mark.
struct HeadLie {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner");
  std::vector<StoredTensor> plain, marked;

  HeadLie() {
    std::filesystem::create_directory(scratch / "tiny");
    write_tiny_model(scratch / "tiny", "llama", kHeadReadingSizes);
    plain = tensors_of(open_model(scratch / "tiny"));
    uint64_t seed = 300;
    for (StoredTensor& tensor : plain) {
      const bool is_key = tensor.name.find("k_proj") != std::string::npos;
      if (!is_key && tensor.name.find("v_proj") == std::string::npos) continue;
      tensor = stored(tensor.name, DType::f32, {kRead, kRead}, uniform(++seed, kRead * kRead));
    }
    write("plain", plain, kReadHeads);
    MarkableModel model = open_model(scratch / "plain");
    const auto config = must(checkpoint::read_config(model.checkpoint));
    model.anatomy.heads = must(checkpoint::find_heads(model.checkpoint, model.anatomy, config));
    Marking marking;
    marking.sites = embed::Sites{{false, true, false}};
    mark(model, key, scratch / "marked", marking);
    marked = tensors_of(open_model(scratch / "marked"));
  }

  void write(const std::string& name, const std::vector<StoredTensor>& tensors, uint64_t heads) {
    std::filesystem::create_directory(scratch / name);
    write_safetensors(scratch / name / "model.safetensors", tensors);
    scratch.put(name + "/config.json", config_of_heads(heads));
    scratch.put(name + "/tokenizer.json", tiny_tokenizer(kHeadReadingSizes.vocabulary));
  }

  // Renames tensors; what the marked model shows, and that the unmarked one shows nothing.
  Detection read(const std::function<std::string(const std::string&)>& new_name, uint64_t heads) {
    Detection out;
    for (const bool is_marked : {true, false}) {
      std::vector<StoredTensor> tensors = is_marked ? marked : plain;
      for (StoredTensor& tensor : tensors) tensor.name = new_name(tensor.name);
      const std::string name = is_marked ? "suspect" : "innocent";
      write(name, tensors, heads);
      checkpoint::ReadingList list({scratch / name});
      Detection found = must(detect(list, {.master = &key, .shares = 1, .full = true}));
      if (is_marked) {
        out = std::move(found);
      } else {
        CHECK_FALSE(report::is_yes(found.level));
      }
    }
    return out;
  }
};

std::string same_name(const std::string& name) { return name; }

}  // namespace

TEST_CASE("a config with other numbers of heads does not hide the mark of heads",
          "[verify][readings][heads]") {
  HeadLie lie;
  const Detection honest = lie.read(same_name, kReadHeads);
  CHECK(honest.level == report::Level::conclusive);
  CHECK(honest.site == SiteChoice::heads);
  const Detection found = lie.read(same_name, 2);
  CAPTURE(found.z, found.tried.size());
  CHECK(found.level == report::Level::conclusive);
  CHECK(found.reading_words == "heads of 32 values");
  CHECK(found.z == Approx(honest.z).margin(0.01));
}

TEST_CASE("values and outputs under other names do not hide the mark of heads",
          "[verify][readings][heads]") {
  HeadLie lie;
  const auto exchanged = [](std::string name) {
    for (const auto& [from, to] : std::map<std::string, std::string>{{"q_proj", "o_proj"},
                                                                     {"o_proj", "q_proj"},
                                                                     {"k_proj", "v_proj"},
                                                                     {"v_proj", "k_proj"}}) {
      if (const size_t at = name.find(from); at != std::string::npos) {
        return name.replace(at, from.size(), to);
      }
    }
    return name;
  };
  const Detection found = lie.read(exchanged, kReadHeads);
  CHECK(found.level == report::Level::conclusive);
  CHECK(found.reading_words == "keys read as values, queries as outputs");
  const auto outputs = [](std::string name) {
    const size_t q = name.find("q_proj"), o = name.find("o_proj");
    if (q != std::string::npos) return name.replace(q, 1, "o");
    return o != std::string::npos ? name.replace(o, 1, "q") : name;
  };
  const Detection other = lie.read(outputs, kReadHeads);
  CHECK(other.level == report::Level::conclusive);
  CHECK(other.reading_words == "values read as values, queries as outputs");
}

TEST_CASE("attention between FFNs is read by shapes and order", "[verify][readings][heads]") {
  HeadLie lie;
  // Names in the order of layers.
  const auto opaque = [](const std::string& name) {
    constexpr std::array<std::string_view, 9> order = {
        "input_layernorm", "q_proj",    "k_proj",  "v_proj",   "o_proj",
        "post_attention",  "gate_proj", "up_proj", "down_proj"};
    const auto is_in = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    const auto part = std::find_if(order.begin(), order.end(), is_in) - order.begin();
    const size_t at = name.find("layers.");
    if (at == std::string::npos)
      return std::string(is_in("embed") ? "t1000" : is_in("norm") ? "t9000" : "t9001");
    return cat("t", 1001 + 20 * std::stoul(name.substr(at + 7)) + static_cast<size_t>(part));
  };
  const Detection found = lie.read(opaque, kReadHeads);
  CAPTURE(found.z, found.reading_words);
  CHECK(found.level == report::Level::conclusive);
  CHECK(found.site == SiteChoice::heads);
  CHECK(found.reading_words.starts_with("roles from shapes"));
}

}  // namespace wmk::verify
