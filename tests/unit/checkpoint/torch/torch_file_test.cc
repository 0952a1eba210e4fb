// One PyTorch file: compared with torch, and what is refused.
#include <catch2/catch.hpp>
#include <sstream>

#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "tests/unit/checkpoint/torch/tiny_torch.h"
#include "tests/unit/scratch.h"
#include "tests/unit/vectors.h"

namespace wmk::checkpoint {
namespace {

using test::tiny_torch;
using test::TinyTensor;
using wmk::test::Scratch;

std::string line_of(const Checkpoint& checkpoint, const Tensor& tensor) {
  std::string out = cat(to_string(tensor.dtype), " [");
  for (size_t i = 0; i < tensor.shape.size(); ++i) out += cat(i ? ", " : "", tensor.shape[i]);
  Bytes bytes(tensor.bytes);
  REQUIRE(checkpoint.read(tensor, 0, bytes));
  return std::string(trimmed(cat(out, "] ", to_hex(bytes))));
}

void check_refused(const std::string& file, std::string_view words) {
  Scratch scratch;
  const auto checkpoint = Checkpoint::open(scratch.put("m.pt", file));
  CAPTURE(words);
  REQUIRE(!checkpoint);
  CAPTURE(checkpoint.error().message());
  CHECK(checkpoint.error().message().starts_with("m.pt: "));
  CHECK(checkpoint.error().message().find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("files written by torch read as in torch, for every type, view and protocol") {
  for (const wmk::test::Vector& vector : wmk::test::read_vectors("torch/torch.vec")) {
    CAPTURE(vector.name);
    const auto checkpoint =
        Checkpoint::open(cat(WMK_SOURCE_DIR "/tests/vectors/torch/", vector.name));
    INFO((checkpoint ? "" : checkpoint.error().message()));
    REQUIRE(checkpoint);
    CHECK(checkpoint->format() == "PyTorch");
    CHECK(checkpoint->tensors().size() == vector.lines.size());
    for (const auto& [key, expected] : vector.lines) {
      CAPTURE(key);
      const Tensor* tensor = checkpoint->find(key.substr(std::string_view("tensor ").size()));
      REQUIRE(tensor != nullptr);
      CHECK(line_of(*checkpoint, *tensor) == expected);
    }
  }
}

TEST_CASE("any rectangle of a view is the same part of the whole") {
  const auto opened = Checkpoint::open(WMK_SOURCE_DIR "/tests/vectors/torch/views.pt");
  REQUIRE(opened);
  size_t encoded = 0;
  for (const Tensor& tensor : opened->tensors()) {
    if (!tensor.encoding || tensor.shape.size() < 2) continue;
    ++encoded;
    CAPTURE(tensor.name);
    const uint64_t columns = tensor.shape.back(), rows = tensor.elements() / columns;
    std::vector<float> whole(rows * columns);
    REQUIRE(opened->decode(tensor, {0, rows, 0, columns}, whole));
    for (uint64_t first_row = 0; first_row < rows; ++first_row) {
      for (uint64_t first = 0; first < columns; ++first) {
        const Rectangle part{first_row, (rows - first_row + 1) / 2, first, columns - first};
        std::vector<float> values(part.rows * part.columns);
        REQUIRE(opened->decode(tensor, part, values));
        for (uint64_t i = 0; i < values.size(); ++i) {
          const uint64_t r = first_row + i / part.columns, c = first + i % part.columns;
          REQUIRE(values[i] == whole[r * columns + c]);
        }
      }
    }
  }
  CHECK(encoded >= 8);
}

TEST_CASE("notes report shared storages, a wrapped model and skipped tensors") {
  const auto notes_of = [](std::string_view file) {
    const auto checkpoint = Checkpoint::open(cat(WMK_SOURCE_DIR "/tests/vectors/torch/", file));
    REQUIRE(checkpoint);
    return checkpoint->notes();
  };
  CHECK(notes_of("module.pt") ==
        std::vector<std::string>{
            "module.pt: tensors 'embed.weight' and 'head.weight' share a storage"});
  CHECK(notes_of("wrapped.pt") ==
        std::vector<std::string>{"wrapped.pt: the tensors are read from ['model']",
                                 "wrapped.pt: 4 tensors outside of it are not read"});
  const auto views = notes_of("views.pt");
  CHECK(views.back() ==
        "views.pt: 1 tensor of integers left out because of their strides: 'whole_numbers'");
}

TEST_CASE("a tensor is read by offset, shape and strides") {
  Scratch scratch;
  const auto path =
      scratch.put("m.bin", tiny_torch({{.name = "all"},
                                       {.name = "tail", .shape = {2}, .strides = {1}, .offset = 4},
                                       {.name = "t", .shape = {3, 2}, .strides = {1, 3}},
                                       {.name = "s", .shape = {}, .strides = {}, .offset = 5}}));
  const auto checkpoint = Checkpoint::open(path);
  INFO((checkpoint ? "" : checkpoint.error().message()));
  REQUIRE(checkpoint);
  CHECK(checkpoint->is_single_file());
  const auto floats = [&](std::string_view name) {
    const Tensor& tensor = *checkpoint->find(name);
    std::vector<float> out(tensor.elements());
    REQUIRE(checkpoint->read(tensor, 0, std::as_writable_bytes(std::span(out))));
    return out;
  };
  CHECK(floats("all") == std::vector<float>{0, 1, 2, 3, 4, 5});
  CHECK(floats("tail") == std::vector<float>{4, 5});
  CHECK(floats("t") == std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK(floats("s") == std::vector<float>{5});
  CHECK(checkpoint->find("all")->encoding == nullptr);
  CHECK(checkpoint->find("t")->encoding->name() == "F32 in strides");
  CHECK(checkpoint->find("t")->stored_bytes() == 24);
}

TEST_CASE("tensors outside of their storage are refused", "[bad-input]") {
  constexpr int64_t most = INT64_MAX;
  const std::pair<TinyTensor, std::string_view> cases[] = {
      {{.offset = 1}, "tensor 'w': reaches past the end of its storage"},
      {{.shape = {3, 3}}, "reaches past the end"},
      {{.shape = {2, 3}, .strides = {4, 1}}, "reaches past the end"},
      {{.shape = {most, most}, .strides = {0, 0}}, "reaches past the end"},
      {{.shape = {2, 2}, .strides = {most, most}}, "reaches past the end"},
      {{.shape = {0}, .strides = {1}, .offset = 7}, "reaches past the end"},
      {{.shape = {0, most, most}, .strides = {1, 1, 1}, .offset = most}, "reaches past the end"},
      {{.shape = {1000}, .strides = {0}}, "expanded or overlapping view"},
      {{.shape = {3, 3}, .strides = {1, 1}}, "expanded or overlapping view"},
      {{.shape = {2, 2}, .strides = {2, 2}}, "expanded or overlapping view"},
      {{.count = 7}, "storage '0': has 24 bytes in the archive"},
      {{.count = most}, "storage '0': has 24 bytes"},
      {{.type = "DoubleStorage"}, "storage '0': has 24 bytes"},
      {{.type = "ComplexDoubleStorage"}, "has a type that is not read"},
      {{.key = "1"}, "storage '1': is not in the archive"},
      {{.key = "../data.pkl"}, "storage '../data.pkl': is not in the archive"},
      {{.place = "meta"}, "was saved without values"},
  };
  for (const auto& [tensor, words] : cases) check_refused(tiny_torch({tensor}), words);
}

TEST_CASE("one storage has one description", "[bad-input]") {
  check_refused(tiny_torch({{.name = "a"}, {.name = "b", .type = "IntStorage"}}),
                "storage '0': has two different descriptions");
}

TEST_CASE("archives that are not state dicts are refused by what they are", "[bad-input]") {
  check_refused(tiny_torch({{}}, 6, "big"), "byte order 'big' is not read");
  check_refused(tiny_torch({{}}, 6, std::string(65, 'x')), "'byteorder' is too long");
  check_refused(test::zip_of({{"a/readme.txt", "x"}}), "is a zip archive, but not one of PyTorch");
  check_refused(test::zip_of({{"data.pkl", "x"}}), "is a zip archive, but not one of PyTorch");
  check_refused(test::zip_of({{"a/data.pkl", "x"}, {"b/data/0", "x"}}), "is outside 'a/'");
  check_refused(test::zip_of({{"a/data.pkl", "x"}, {"a/constants.pkl", "x"}}), "TorchScript");
  check_refused(test::zip_of({{"a/data.pkl", "x"}}), "data.pkl: byte");
  check_refused(test::zip_of({{"a/data.pkl", "\x80\x02}."}}), "no dictionary of tensors");
  check_refused("PK\x03\x04zip", "too short for a zip archive");
}

TEST_CASE("a PyTorch file with any byte changed or cut is refused or reads in bounds",
          "[bad-input]") {
  Scratch scratch;
  const std::string good = tiny_torch({{}, {.name = "t", .shape = {3, 2}, .strides = {1, 3}}});
  const auto attempt = [&](const std::string& bytes) {
    const auto checkpoint = Checkpoint::open(scratch.put("m.pt", bytes));
    if (!checkpoint) return;
    for (const Tensor& tensor : checkpoint->tensors()) {
      REQUIRE(tensor.bytes <= 64);
      Bytes values(tensor.bytes);
      CHECK(checkpoint->read(tensor, 0, values));
    }
  };
  for (size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ (at % 2 ? 0x01 : 0x84));
    attempt(changed);
    if (at % 5 == 0) attempt(good.substr(0, at));
  }
}

}  // namespace wmk::checkpoint
