// A tiny model with changes, and its anatomy or the error.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "checkpoint/layout/anatomy.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::test {

class EditedModel {
 public:
  explicit EditedModel(std::string_view architecture, const TinySizes& sizes = {})
      : tensors_(tiny_tensors(architecture, sizes)) {
    config.model_type = architecture;
  }

  StoredTensor& at(std::string_view name) { return tensor_named(tensors_, name); }
  void add(StoredTensor tensor) { tensors_.push_back(std::move(tensor)); }
  void add_zeros(std::string name, checkpoint::DType dtype, std::vector<uint64_t> shape) {
    uint64_t bytes = checkpoint::bits(dtype) / 8;
    for (uint64_t extent : shape) bytes *= extent;
    tensors_.push_back({std::move(name), dtype, std::move(shape), Bytes(bytes)});
  }
  void remove(std::string_view part_of_name) {
    const size_t before = tensors_.size();
    std::erase_if(tensors_, [&](const StoredTensor& tensor) {
      return tensor.name.find(part_of_name) != std::string::npos;
    });
    REQUIRE(tensors_.size() < before);
  }
  void rename(std::string_view from, std::string_view to) {
    size_t count = 0;
    for (StoredTensor& tensor : tensors_) {
      const size_t at = tensor.name.find(from);
      if (at == std::string::npos) continue;
      tensor.name = cat(tensor.name.substr(0, at), to, tensor.name.substr(at + from.size()));
      ++count;
    }
    REQUIRE(count > 0);
  }
  void reshape(std::string_view name, std::vector<uint64_t> shape) {
    const checkpoint::DType dtype = at(name).dtype;
    std::erase_if(tensors_, [&](const StoredTensor& tensor) { return tensor.name == name; });
    add_zeros(std::string(name), dtype, std::move(shape));
  }

  Result<checkpoint::Anatomy> anatomy(const checkpoint::NamingFamily* rules = nullptr) {
    write_safetensors(scratch_ / "model.safetensors", tensors_);
    auto checkpoint = checkpoint::Checkpoint::open(scratch_.folder());
    INFO((checkpoint ? "" : checkpoint.error().message()));
    REQUIRE(checkpoint);
    return checkpoint::make_anatomy(*checkpoint, config, rules);
  }
  checkpoint::Anatomy good(const checkpoint::NamingFamily* rules = nullptr) {
    auto made = anatomy(rules);
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    return *std::move(made);
  }
  // The message of the refusal, which must be of this kind.
  std::string refusal(ErrorCode code, const checkpoint::NamingFamily* rules = nullptr) {
    auto made = anatomy(rules);
    REQUIRE_FALSE(made);
    CHECK(made.error().code() == code);
    CHECK_FALSE(made.error().hint().empty());
    return made.error().message();
  }

  checkpoint::Config config;

 private:
  Scratch scratch_;
  std::vector<StoredTensor> tensors_;
};

}  // namespace wmk::test
