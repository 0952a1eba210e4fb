// Files that the configuration of a model names: asked for on a server like usual ones.
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/text/tokenizer_files.h"
#include "remote/localise.h"
#include "tests/support/marking.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"
#include "tests/unit/remote/served_files.h"

namespace wmk::remote {
namespace {

namespace fs = std::filesystem;
using namespace test;

constexpr std::string_view kTokens = R"({"model": {"vocab": {"x": 0}}})";
constexpr std::string_view kDecoy = R"({"model": {"vocab": {"decoy": 0}}})";

Files versioned_model() {
  return {{"/m/config.json", "{}"},
          {"/m/model.safetensors", tiny_file({{"x", "1"}})},
          {"/m/tokenizer.json", std::string(kDecoy)},
          {"/m/tokenizer.4.0.0.json", std::string(kTokens)},
          {"/m/tokenizer.9.0.0.json", std::string(kDecoy)},
          {"/m/tokenizer_config.json",
           R"({"fast_tokenizer_files": ["tokenizer.9.0.0.json", "tokenizer.4.0.0.json"]})"}};
}

}  // namespace

TEST_CASE("the tokenizer that tokenizer_config.json selects is fetched", "[remote]") {
  const Files files = versioned_model();
  const HttpServer server(serving(files));
  const LocalModel folder = must(localise(server.url("/m/")));
  CHECK(must(checkpoint::read_vocabulary(folder.path, 1)).strings == std::vector<std::string>{"x"});
  CHECK(fs::exists(folder.path / "tokenizer.9.0.0.json"));  // another reading
  const LocalModel file = must(localise(server.url("/m/model.safetensors")));
  CHECK(fs::exists(file.path.parent_path() / "tokenizer.4.0.0.json"));
}

TEST_CASE("a selected tokenizer that a server does not have leaves the strings unknown",
          "[remote][bad-input]") {
  Files files = versioned_model();
  files.erase("/m/tokenizer.4.0.0.json");
  const HttpServer server(serving(files));
  const LocalModel folder = must(localise(server.url("/m/")));
  const auto checkpoint = must(checkpoint::Checkpoint::open(folder.path));
  const auto words = must(checkpoint::read_vocabulary_or_fault(checkpoint, 1));
  CHECK(words.fault.find("selects 'tokenizer.4.0.0.json', which is not") != std::string::npos);
}

TEST_CASE("the weights that config.json names are asked for", "[remote]") {
  Files files = {{"/m/config.json", R"({"transformers_weights": "sub/real.safetensors"})"},
                 {"/m/model.safetensors", tiny_file({{"usual", "1"}})},
                 {"/m/sub/tokenizer.json", std::string(kTokens)},
                 {"/m/sub/real.safetensors", tiny_file({{"real", "2"}})}};
  const HttpServer server(serving(files));
  const auto tensor_of = [&] {
    const LocalModel local = must(localise(server.url("/m/")));
    const auto checkpoint = must(checkpoint::Checkpoint::open(local.path));
    CHECK(must(checkpoint::read_vocabulary(checkpoint, 1)).source == "tokenizer.json");
    return checkpoint.tensors().front().name;
  };
  CHECK(tensor_of() == "real");
  files["/m/config.json"] = R"({"transformers_weights": "sub/own.safetensors.index.json"})";
  files["/m/sub/own.safetensors.index.json"] = R"({"weight_map": {"real": "real.safetensors"}})";
  files.erase("/m/model.safetensors");
  CHECK(tensor_of() == "real");
  files.erase("/m/sub/real.safetensors");
  CHECK_FALSE(localise(server.url("/m/")));
}

TEST_CASE("no name of a configuration leaves the folder, and there are few",
          "[remote][bad-input]") {
  std::string list;
  for (int i = 0; i < 100; ++i) list += cat(",\"tokenizer.4.", i, ".json\"");
  const Files files = {
      {"/m/config.json", R"({"transformers_weights": "../up.safetensors"})"},
      {"/m/model.safetensors", tiny_file({{"x", "1"}})},
      {"/m/tokenizer_config.json",
       cat(R"({"fast_tokenizer_files": ["../tokenizer.1.json", "a/tokenizer.2.json",)",
           R"(".tokenizer.3.json", "a\\tokenizer.4.json")", list, "]}")}};
  std::mutex mutex;
  std::set<std::string> listed, wrong;
  const auto serve = serving(files);
  const HttpServer server([&](const HttpRequest& request, const HttpServer::Send& send) {
    {
      const std::lock_guard lock(mutex);
      const std::string name = request.path.substr(request.path.rfind('/') + 1);
      if (name.starts_with("tokenizer.4.")) listed.insert(name);
      if (name.find('%') != name.npos || name.starts_with('.') || name == "up.safetensors" ||
          name == "tokenizer.1.json" || name == "tokenizer.2.json") {
        wrong.insert(request.path);
      }
    }
    serve(request, send);
  });
  const LocalModel local = must(localise(server.url("/m/")));
  CHECK(wrong.empty());
  CHECK(listed.size() == checkpoint::kTokenizerFilesMax);
  CHECK_FALSE(checkpoint::Checkpoint::open(local.path));  // as on a disk
}

}  // namespace wmk::remote
