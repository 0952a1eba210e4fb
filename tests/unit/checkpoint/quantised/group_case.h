// A small model whose first up matrix is a group of quantised tensors, made byte by byte.
#pragma once

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/unit/checkpoint/layout/edited_model.h"

namespace wmk::test {

inline const std::string kModule = "model.layers.0.mlp.up_proj";  // [32, 32] in the model

struct Part {
  std::string suffix;
  checkpoint::DType dtype;
  std::vector<uint64_t> shape;
  std::string data = {};  // zeros where empty
};

inline StoredTensor stored(const std::string& module, const Part& part) {
  uint64_t bytes = checkpoint::bits(part.dtype) / 8;
  for (const uint64_t extent : part.shape) bytes *= extent;
  Bytes data(bytes);
  REQUIRE(part.data.size() <= bytes);
  std::copy_n(as_bytes(part.data).begin(), part.data.size(), data.begin());
  return {module + part.suffix, part.dtype, part.shape, std::move(data)};
}

// The error for a model whose up_proj of layer 0 is made of these tensors; empty: it is read.
inline std::string refused(const std::vector<Part>& parts, const std::string& quantisation = "{}") {
  Scratch scratch;
  std::vector<StoredTensor> tensors = tiny_tensors("llama", {.width = 32, .units = 32});
  std::erase_if(tensors, [](const StoredTensor& t) { return t.name == kModule + ".weight"; });
  for (const Part& part : parts) tensors.push_back(stored(kModule, part));
  write_safetensors(scratch / "model.safetensors", tensors);
  std::ofstream(scratch / "config.json") << R"({"quantization_config":)" << quantisation << "}";
  auto checkpoint = checkpoint::Checkpoint::open(scratch.folder());
  if (!checkpoint) return checkpoint.error().message();
  checkpoint::Config config;
  config.model_type = "llama";
  auto anatomy = make_anatomy(*checkpoint, config);
  if (!anatomy) return anatomy.error().message();
  std::vector<float> values(32 * 32);
  const checkpoint::Tensor* tensor = checkpoint->find(kModule + ".weight");
  REQUIRE(tensor);
  const auto status = checkpoint->read(*tensor, 0, std::as_writable_bytes(std::span(values)));
  return status ? "" : status.error().message();
}

inline std::vector<Part> without(std::vector<Part> parts, const std::string& suffix) {
  std::erase_if(parts, [&](const Part& part) { return part.suffix == suffix; });
  return parts;
}
inline std::vector<Part> with(std::vector<Part> parts, const Part& other) {
  for (Part& part : parts) {
    if (part.suffix == other.suffix) part = other;
  }
  return parts;
}

struct Decoded {
  std::string format;
  std::vector<uint64_t> shape;
  std::vector<float> values;
};

// The one logical tensor of a file with these tensors.
inline Decoded decoded(const std::vector<Part>& parts, const std::string& quantisation = "{}") {
  Scratch scratch;
  std::vector<StoredTensor> tensors;
  for (const Part& part : parts) tensors.push_back(stored("layer", part));
  write_safetensors(scratch / "model.safetensors", tensors);
  std::ofstream(scratch / "config.json") << R"({"quantization_config":)" << quantisation << "}";
  auto checkpoint = checkpoint::Checkpoint::open(scratch.folder());
  REQUIRE(checkpoint);
  for (const auto& [name, reason] : checkpoint->refusals()) FAIL(reason.message());
  const checkpoint::Tensor* tensor = checkpoint->find("layer.weight");
  REQUIRE(tensor);
  REQUIRE(tensor->encoding);
  CHECK(checkpoint->tensors().size() == 1);
  Decoded out{std::string(tensor->encoding->name()), tensor->shape, {}};
  out.values.resize(tensor->elements());
  REQUIRE(checkpoint->read(*tensor, 0, std::as_writable_bytes(std::span(out.values))));
  return out;
}

}  // namespace wmk::test
