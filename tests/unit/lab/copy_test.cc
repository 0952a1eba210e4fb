// Common to all attacks: files, companion files, determinism, errors.
#include <algorithm>

#include "base/json.h"
#include "checkpoint/safetensors/safetensors.h"
#include "tests/unit/lab/lab_fixture.h"

using namespace wmk;
using namespace wmk::test;

namespace {

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("a copy has the files of its model, and untouched ones are equal", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  scratch.put("dense/LICENSE", "free to use\n");
  scratch.put("secret.txt", "not the model's");
  std::filesystem::create_symlink("../secret.txt", model / "leak.txt");
  const auto out = attacked("scale", {}, model);
  auto expected = names_in(model);
  std::erase(expected, "leak.txt");
  CHECK(names_in(out) == expected);
  for (const char* name : {"LICENSE", "config.json", "tokenizer.json"}) {
    CHECK(content_of(model / name) == content_of(out / name));
  }
  auto file = ReadFile::open(out / "model-00001-of-00002.safetensors");
  REQUIRE(file);
  auto header = checkpoint::read_safetensors_header(*file);
  REQUIRE(header);
  CHECK(header->metadata == lab::Plan::Metadata{{"format", "pt"}});
}

TEST_CASE("the same seed gives the same bytes for any number of threads, another seed does not",
          "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  for (const char* attack : {"permute", "rotate", "upcycle", "drift", "clone"}) {
    INFO(attack);
    const std::string file = "model-00001-of-00002.safetensors";
    const std::string one = content_of(attacked(attack, {}, model, 3, 1) / file);
    CHECK(one == content_of(attacked(attack, {}, model, 3, 7) / file));
    CHECK(one != content_of(attacked(attack, {}, model, 4, 1) / file));
  }
}

TEST_CASE("resharding moves tensors without changing them", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  const std::string shards = GENERATE("1", "3", "20");
  const auto out = attacked("reshard", {{"shards", shards}}, model);
  auto before = checkpoint::Checkpoint::open(model), after = checkpoint::Checkpoint::open(out);
  REQUIRE(before);
  REQUIRE(after);
  CHECK(after->files().size() == std::stoul(shards));
  CHECK(after->notes().empty());
  CHECK(std::filesystem::exists(out / "model.safetensors.index.json") == (shards != "1"));
  for (const checkpoint::Tensor& tensor : before->tensors()) {
    const checkpoint::Tensor* moved = after->find(tensor.name);
    REQUIRE(moved != nullptr);
    Bytes a(tensor.bytes), b(moved->bytes);
    REQUIRE(before->read(tensor, 0, a));
    REQUIRE(after->read(*moved, 0, b));
    REQUIRE(a == b);
  }
}

TEST_CASE("an output that exists, or lies inside the model, is refused", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  scratch.put("there/file", "");
  for (const auto& out : {scratch / "there", model / "inside", model}) {
    INFO(out);
    const auto refused = try_attack("permute", {}, model, out);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::invalid_argument);
  }
  CHECK_FALSE(std::filesystem::exists(model / "inside"));
}

TEST_CASE("rotation names the tensor whose role is unknown", "[lab]") {
  const Scratch scratch;
  const auto model = tiny_model(scratch, "dense");
  auto opened = lab::Model::open(model);
  REQUIRE(opened);
  lab::PlannedTensor odd;
  odd.name = "model.layers.0.self_attn.strange.weight";
  odd.shape = {3, 32};
  odd.source = []() -> Result<lab::Values> { return lab::Values(96, 1.0f); };
  opened->plan().tensors.push_back(odd);
  REQUIRE(opened->save(scratch / "odd", false, 1, nullptr));
  for (const char* attack : {"rotate", "gain", "permute-residual"}) {
    const auto refused = try_attack(attack, {}, scratch / "odd", scratch / "out");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == ErrorCode::unsupported);
    CHECK(refused.error().message().find("strange") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(scratch / "out"));
}

TEST_CASE("an argument out of range is refused, and named", "[lab]") {
  const auto why = [](const char* attack, const Given& given) {
    const auto arguments = lab::Arguments::make(*lab::find_attack(attack), given, 1);
    REQUIRE_FALSE(arguments);
    CHECK(arguments.error().code() == ErrorCode::invalid_argument);
    return arguments.error().message();
  };
  CHECK(why("prune", {{"fraction", "1.5"}}).find("--fraction") == 0);
  CHECK(why("prune", {{"fraction", "nan"}}).find("not a number") != std::string::npos);
  CHECK(why("prune", {{"fraction", "0.5x"}}).find("not a number") != std::string::npos);
  CHECK(why("quantize", {{"bits", "2.5"}}).find("whole") != std::string::npos);
  CHECK(why("upcycle", {{"style", "dense"}}).find("mixtral|qwen2_moe") != std::string::npos);
  CHECK(why("merge", {}).find("--with") != std::string::npos);
  CHECK(why("rotate", {{"angle", "1"}}).find("no parameter 'angle'") != std::string::npos);
}

TEST_CASE("every default of the catalogue is valid", "[lab]") {
  for (const lab::Attack& attack : lab::attacks()) {
    INFO(attack.name);
    Given given;
    if (attack.name == "merge" || attack.name == "collude") given["with"] = "other";
    if (attack.name == "transplant-tokenizer") given["donor"] = "other";
    CHECK(lab::Arguments::make(attack, given, 1));
    CHECK(lab::find_attack(attack.name) == &attack);
  }
  CHECK(lab::find_attack("distil") == nullptr);
}
