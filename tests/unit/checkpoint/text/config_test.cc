#include "checkpoint/text/config.h"

#include <catch2/catch.hpp>

#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::Scratch;

Config config_of(std::string_view json) {
  Scratch scratch;
  scratch.put("config.json", json);
  auto config = read_config(scratch.folder());
  INFO((config ? "" : config.error().message()));
  REQUIRE(config);
  REQUIRE(config->present);
  return *config;
}

}  // namespace

TEST_CASE("a folder without config.json has no config, and that is not an error") {
  Scratch scratch;
  const auto config = read_config(scratch.folder());
  REQUIRE(config);
  CHECK(!config->present);
  CHECK(config->model_type.empty());
  CHECK(!config->layers);
}

TEST_CASE("the usual names are read") {
  const Config config = config_of(R"({"model_type": "qwen2_moe", "hidden_size": 2048,
      "num_hidden_layers": 24, "vocab_size": 151936, "num_experts": 60, "num_experts_per_tok": 4,
      "max_position_embeddings": 8192, "tie_word_embeddings": false})");
  CHECK(config.model_type == "qwen2_moe");
  CHECK(config.shell_model_type.empty());
  CHECK(config.hidden_size == 2048);
  CHECK(config.layers == 24);
  CHECK(config.vocabulary == 151936);
  CHECK(config.experts == 60);
  CHECK(config.experts_per_token == 4);
  CHECK(config.context == 8192);
  CHECK(config.tied_embeddings == false);
  CHECK(config.quantization.empty());
}

TEST_CASE("every synonym of a key is read") {
  for (const char* key : {"num_hidden_layers", "n_layer", "num_layers", "n_layers"}) {
    CAPTURE(key);
    CHECK(config_of("{\"" + std::string(key) + "\": 7}").layers == 7);
  }
  for (const char* key :
       {"num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts"}) {
    CAPTURE(key);
    CHECK(config_of("{\"" + std::string(key) + "\": 64}").experts == 64);
  }
  for (const char* key :
       {"num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k", "experts_per_token"}) {
    CAPTURE(key);
    CHECK(config_of("{\"" + std::string(key) + "\": 8}").experts_per_token == 8);
  }
  for (const char* key : {"hidden_size", "n_embd", "d_model"}) {
    CAPTURE(key);
    CHECK(config_of("{\"" + std::string(key) + "\": 64}").hidden_size == 64);
  }
}

TEST_CASE("the text part of a multi-modal config is read, and outer values fill gaps") {
  const Config config = config_of(R"({"model_type": "gemma3", "tie_word_embeddings": true,
      "hidden_size": 1, "text_config": {"model_type": "gemma3_text", "hidden_size": 2560}})");
  CHECK(config.model_type == "gemma3_text");
  CHECK(config.shell_model_type == "gemma3");
  CHECK(config.hidden_size == 2560);
  CHECK(config.tied_embeddings == true);
}

TEST_CASE("values of another type count as missing") {
  const Config config = config_of(R"({"hidden_size": "wide", "n_embd": null, "num_experts": [64],
      "num_hidden_layers": -1, "text_config": null, "quantization_config": null})");
  CHECK(!config.hidden_size);
  CHECK(!config.experts);
  CHECK(!config.layers);
  CHECK(config.quantization.empty());
}

TEST_CASE("a quantisation is named") {
  CHECK(config_of(R"({"quantization_config": {"quant_method": "gptq"}})").quantization == "gptq");
  CHECK(config_of(R"({"quantization_config": {}})").quantization == "unnamed");
}

TEST_CASE("a damaged config.json is an error that names it") {
  Scratch scratch;
  for (const char* json : {"", "{", "[]", "{\"a\": nan}", "{\"a\": 1,}", "\xEF\xBB\xBF{}"}) {
    CAPTURE(json);
    scratch.put("config.json", json);
    const auto config = read_config(scratch.folder());
    REQUIRE(!config);
    CHECK(config.error().code() == ErrorCode::malformed);
    CHECK(config.error().message().starts_with("config.json: "));
  }
}

TEST_CASE("what Python accepts in config.json is read, with a note") {
  const Config config = config_of(R"({"architectures": ["LlamaForCausalLM"], "model_type": "opt",
      "rope_theta": NaN, "x": {"a": Infinity, "b": -Infinity}, "hidden_size": 1e999,
      "model_type": "llama", "num_hidden_layers": 4})");
  CHECK(config.model_type == "llama");
  CHECK(config.layers == 4);
  CHECK(!config.hidden_size);
  CHECK(config.architecture == "LlamaForCausalLM");
  REQUIRE(config.notes.size() == 5);
  CHECK(config.notes[0] == "config.json: line 2, column 21: NaN is not JSON; it is ignored");
  CHECK(config.notes[4].find("key 'model_type' occurs twice") != std::string::npos);
}

TEST_CASE("a config.json without architectures is noted") {
  CHECK(config_of(R"({"model_type": "llama"})").notes ==
        std::vector<std::string>{"config.json has no architectures"});
  CHECK(config_of(R"({"architectures": ["X"]})").notes.empty());
}

}  // namespace wmk::checkpoint
