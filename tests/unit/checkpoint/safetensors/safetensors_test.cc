#include "checkpoint/safetensors/safetensors.h"

#include <catch2/catch.hpp>

#include "base/text.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::Scratch;

std::string file_of(std::string_view json, size_t data_bytes) {
  std::string out(8, '\0');
  store_le<uint64_t>(out.data(), json.size());
  out += json;
  return out + std::string(data_bytes, '\x5A');
}

SafetensorsHeader read(const Scratch& scratch, std::string_view bytes) {
  auto file = ReadFile::open(scratch.put("a.safetensors", bytes));
  REQUIRE(file);
  auto header = read_safetensors_header(*file);
  INFO((header ? "" : header.error().message()));
  REQUIRE(header);
  return std::move(*header);
}

}  // namespace

TEST_CASE("tensors come in the order of their bytes, with offsets from the start of the file") {
  Scratch scratch;
  const std::string json =
      R"({"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]},"__metadata__":{"format":"pt"},)"
      R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}  )";
  const auto header = read(scratch, file_of(json, 16));
  CHECK(header.data_begin == 8 + json.size());
  REQUIRE(header.tensors.size() == 2);
  CHECK(header.tensors[0].name == "a");
  CHECK(header.tensors[0].shape.empty());
  CHECK(header.tensors[0].elements() == 1);
  CHECK(header.tensors[0].offset == header.data_begin);
  CHECK(header.tensors[1].dtype == DType::bf16);
  CHECK(header.tensors[1].shape == std::vector<uint64_t>{2, 3});
  CHECK(header.tensors[1].offset == header.data_begin + 4);
  CHECK(header.tensors[1].bytes == 12);
  REQUIRE(header.metadata.size() == 1);
  CHECK(header.metadata[0] == std::pair<std::string, std::string>("format", "pt"));
}

TEST_CASE("a written header reads back as the same tensors") {
  Scratch scratch;
  std::vector<Tensor> tensors(4);
  tensors[0] = {.name = "z \"quoted\" \\ \u00e9", .dtype = DType::f16, .shape = {3}, .bytes = 6};
  tensors[1] = {.name = "empty", .dtype = DType::i64, .shape = {0, 4}, .bytes = 0};
  tensors[2] = {.name = "a", .dtype = DType::f8_e4m3, .shape = {5, 1}, .bytes = 5};
  tensors[3] = {.name = "scalar", .dtype = DType::f64, .shape = {}, .bytes = 8};
  const std::vector<std::pair<std::string, std::string>> metadata = {{"format", "pt"}, {"k", "\n"}};
  const std::string bytes = safetensors_header_bytes(tensors, metadata);
  CHECK(bytes.size() % 8 == 0);
  const auto header = read(scratch, bytes + std::string(19, 'x'));
  CHECK(header.metadata == metadata);
  REQUIRE(header.tensors.size() == tensors.size());
  uint64_t at = bytes.size();
  for (size_t i = 0; i < tensors.size(); ++i) {
    CHECK(header.tensors[i].name == tensors[i].name);
    CHECK(header.tensors[i].dtype == tensors[i].dtype);
    CHECK(header.tensors[i].shape == tensors[i].shape);
    CHECK(header.tensors[i].offset == at);
    at += tensors[i].bytes;
  }
}

TEST_CASE("headers without tensors and without metadata can be written and read") {
  Scratch scratch;
  CHECK(safetensors_header_bytes({}, {}).substr(8) == "{}      ");
  CHECK(read(scratch, safetensors_header_bytes({}, {})).tensors.empty());
  CHECK(read(scratch, safetensors_header_bytes({}, {{"a", "b"}})).metadata.size() == 1);
}

TEST_CASE("a header of the size of the largest models is read") {
  std::vector<Tensor> tensors(70'272);
  for (size_t i = 0; i < tensors.size(); ++i) {
    tensors[i] = {.name = cat("model.layers.", i / 1152, ".mlp.experts.", i % 1152, ".w.weight"),
                  .dtype = DType::u8,
                  .shape = {2},
                  .bytes = 2};
  }
  const std::string bytes = safetensors_header_bytes(tensors, {});
  const auto header = parse_safetensors_header(bytes.substr(8), 2 * tensors.size());
  REQUIRE(header);
  CHECK(header->tensors.size() == tensors.size());
  CHECK(header->tensors.back().name == tensors.back().name);
}

TEST_CASE("a data file that was cut or lengthened is refused with advice") {
  const std::string json = R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})";
  const auto cut = parse_safetensors_header(json, 3);
  REQUIRE(!cut);
  CHECK(cut.error().message() ==
        "MetadataIncompleteBuffer: the tensors need 4 bytes of data, the file has 3");
  CHECK(cut.error().hint().find("incomplete") != std::string::npos);
  const auto longer = parse_safetensors_header(json, 5);
  REQUIRE(!longer);
  CHECK(longer.error().hint().find("after the last tensor") != std::string::npos);
}

}  // namespace wmk::checkpoint
