// The release statement describes the files that were hashed, or is not written.
#include <chrono>
#include <functional>
#include <optional>

#include "sign/check_release.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/sign/seal_of.h"

namespace wmk::sign {
namespace {

using namespace test;
namespace fs = std::filesystem;

// A model that is signed with a release statement, and changed in between.
struct Release {
  wmk::test::Scratch scratch;
  PrivateKey key = private_key();
  SealRequest request;

  Release() {
    fs::create_directory(scratch / "model");
    wmk::test::write_tiny_model(scratch / "model", "llama", {});
    scratch.put("model/LICENSE", "Copyright 2026 Somebody\n");
    request.model = scratch / "model";
    request.signature = scratch / "model.sig";
    request.key = &key;
  }
  // The error of the release statement if `change` runs after the files were hashed; empty: none.
  std::string error_after(const std::function<void(const fs::path&)>& change) {
    const auto seal = seal_model(request);
    REQUIRE(seal);
    change(request.model);
    const auto release = seal_release(request, *seal, {});
    return release ? std::string() : release.error().message();
  }
};

bool is_change_of(const std::string& error, std::string_view file) {
  INFO(error);
  return error.find(cat(file, ": changed while the model was being signed")) != std::string::npos;
}

void append_to(const fs::path& path) { std::ofstream(path, std::ios::app) << "\n"; }

// Changes a file as soon as the stage "tensors" begins.
class Meddler : public Progress {
 public:
  explicit Meddler(std::function<void()> meddle) : meddle_(std::move(meddle)) {}
  void begin(const char* stage, uint64_t, Unit) override {
    if (std::string_view(stage) == "tensors") meddle_();
  }
  void advance(uint64_t) override {}
  void end() noexcept override {}

 private:
  std::function<void()> meddle_;
};

}  // namespace

TEST_CASE("a file that changes between hashing and the release statement is an error", "[sign]") {
  CHECK(Release().error_after([](const fs::path&) {}).empty());
  for (const char* name : {"config.json", "LICENSE", "tokenizer.json"}) {
    const auto append = [&](const fs::path& model) { append_to(model / name); };
    CHECK(is_change_of(Release().error_after(append), name));
  }
  // The weights are replaced by others of the same size, under the same name.
  const auto replace = [](const fs::path& model) {
    fs::create_directory(model.parent_path() / "other");
    wmk::test::write_tiny_model(model.parent_path() / "other", "llama", {.seed = 2});
    fs::rename(model.parent_path() / "other/model.safetensors", model / "model.safetensors");
  };
  CHECK(is_change_of(Release().error_after(replace), "model.safetensors"));
  CHECK(is_change_of(
      Release().error_after([](const fs::path& model) { fs::remove(model / "LICENSE"); }),
      "LICENSE"));
  // The whole folder is replaced by a copy.
  CHECK_FALSE(Release()
                  .error_after([](const fs::path& model) {
                    fs::rename(model, model.parent_path() / "aside");
                    fs::copy(model.parent_path() / "aside", model);
                  })
                  .empty());
}

TEST_CASE("a file that changes while tensors are read for the release statement is an error",
          "[sign]") {
  for (const bool meddles : {false, true}) {
    Release release;
    const auto seal = seal_model(release.request);
    REQUIRE(seal);
    Meddler meddler([&] {
      if (meddles) append_to(release.request.model / "model.safetensors");
    });
    release.request.progress = &meddler;
    const auto made = seal_release(release.request, *seal, {});
    CHECK(made.has_value() != meddles);
    if (!made) CHECK(is_change_of(made.error().message(), "model.safetensors"));
  }
}

TEST_CASE("a single file is signed with a release statement unless it changes", "[sign]") {
  Release release;
  release.request.model = release.scratch / "model/model.safetensors";
  CHECK(release.error_after([](const fs::path&) {}).empty());
  const auto touch = [](const fs::path& model) {
    fs::last_write_time(model, fs::last_write_time(model) + std::chrono::hours(1));
  };
  CHECK(is_change_of(release.error_after(touch), "model.safetensors"));
}

TEST_CASE("only a file that is a release statement and nothing else is read as one", "[sign]") {
  Release release;
  const auto seal = seal_model(release.request);
  REQUIRE(seal);
  const auto text = seal_release(release.request, *seal, {});
  REQUIRE(text);
  const auto read = [&](const std::string& content) {
    return read_release_file(release.scratch.put("it", content));
  };
  REQUIRE(read(*text));
  CHECK(read(*text)->subject == "model");
  CHECK_FALSE(read(cat(*text, *text)));
  CHECK_FALSE(read(cat(seal->bundle)));
  CHECK_FALSE(read(""));
  CHECK_FALSE(read("text"));
  CHECK_FALSE(read_release_file(release.scratch / "nowhere"));
}

}  // namespace wmk::sign
