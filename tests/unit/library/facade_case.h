// A made-up model on disk and in memory, for tests of the facade.
//
// Lifetime: a Case owns its folder and tensors. Thread-safety: one test.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"
#include "weightmark/weightmark.h"

namespace weightmark::test {

namespace fs = std::filesystem;
using wmk::test::content_of;
using wmk::test::Scratch;
using wmk::test::StoredTensor;

// Keys are random. Of 300 tokens, one key in 400 would leave a direction of its frame without any.
inline constexpr wmk::test::TinySizes kSizes = {
    .width = 64, .vocabulary = 1500, .layers = 2, .units = 900, .seed = 5, .words = true};

// A model on disk and the same tensors in memory.
struct Case {
  Scratch scratch;
  Key key = *Key::generate();
  std::vector<StoredTensor> tensors;

  explicit Case(const wmk::test::TinySizes& sizes = kSizes)
      : tensors(wmk::test::tiny_tensors("llama", sizes)) {
    fs::create_directory(scratch / "model");
    wmk::test::write_tiny_model(scratch / "model", "llama", sizes);
  }
  std::string path(std::string_view name) const { return (scratch / name).string(); }
  Model in_memory() {
    Model out{path("model")};
    for (StoredTensor& each : tensors) {
      out.tensors.push_back({each.name, std::string(wmk::checkpoint::to_string(each.dtype)),
                             each.shape, each.data.data(), each.data.size()});
    }
    return out;
  }
};

template <class T>
T value(Result<T> result) {
  if (!result) FAIL(result.error().message);
  return *std::move(result);
}

}  // namespace weightmark::test
