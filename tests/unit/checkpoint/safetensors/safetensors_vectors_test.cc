// The corpus of tests/vectors/safetensors, as it is and with bytes cut or changed.
#include <catch2/catch.hpp>
#include <charconv>
#include <set>

#include "checkpoint/checkpoint.h"
#include "checkpoint/safetensors/safetensors.h"
#include "tests/unit/scratch.h"
#include "tests/unit/vectors.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::read_vectors;
using wmk::test::Scratch;
using wmk::test::Vector;

uint64_t number(std::string_view text) {
  uint64_t value = 0;
  REQUIRE(std::from_chars(text.data(), text.data() + text.size(), value).ptr ==
          text.data() + text.size());
  return value;
}

std::string data_of(const Vector& vector) {
  const std::string text = vector.find("data").value_or("0");
  if (text.starts_with("hex:")) return std::string(as_text(*from_hex(text.substr(4))));
  std::string data(number(text), '\0');
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i);
  return data;
}

std::string file_of(const Vector& vector) {
  if (const auto file = vector.find("file")) return *file;
  const std::string header = vector.at("header");
  const auto length = vector.find("length");
  std::string out(8, '\0');
  store_le<uint64_t>(out.data(), length ? number(*length) : header.size());
  return out + header + data_of(vector);
}

struct Outcome {
  std::string kind;  // "accept", or what stands before the first colon of the error
  std::vector<Tensor> tensors;
};

Outcome outcome_of(const std::filesystem::path& path) {
  auto file = ReadFile::open(path);
  REQUIRE(file);
  auto header = read_safetensors_header(*file);
  if (header) return {"accept", std::move(header->tensors)};
  const std::string& message = header.error().message();
  return {message.substr(0, message.find(':')), {}};
}

Outcome outcome_of(const Scratch& scratch, std::string_view bytes) {
  return outcome_of(scratch.put("v.safetensors", bytes));
}

const char* const kCorpus[] = {"safetensors/accepted.vec", "safetensors/refused.vec",
                               "safetensors/stricter.vec"};

}  // namespace

TEST_CASE("every vector of the corpus gets its answer", "[bad-input]") {
  Scratch scratch;
  for (const char* file : kCorpus) {
    for (const Vector& vector : read_vectors(file)) {
      CAPTURE(file, vector.name);
      CHECK(outcome_of(scratch, file_of(vector)).kind == vector.at("expect"));
    }
  }
}

TEST_CASE("the corpus has a vector for every kind of failure and no name twice") {
  std::set<std::string> kinds, names;
  size_t count = 0;
  for (const char* file : kCorpus) {
    for (const Vector& vector : read_vectors(file)) {
      kinds.insert(vector.at("expect"));
      names.insert(vector.name);
      ++count;
    }
  }
  CHECK(names.size() == count);
  const std::set<std::string> wanted = {"accept",
                                        "HeaderTooSmall",
                                        "HeaderTooLarge",
                                        "InvalidHeaderLength",
                                        "InvalidHeader",
                                        "InvalidHeaderDeserialization",
                                        "InvalidOffset",
                                        "ValidationOverflow",
                                        "MisalignedSlice",
                                        "TensorInvalidInfo",
                                        "MetadataIncompleteBuffer",
                                        "DuplicateKey",
                                        "UnknownField",
                                        "InvalidName"};
  CHECK(kinds == wanted);
}

TEST_CASE("tensors read in order give the data bytes back, NaN payloads and all", "[bad-input]") {
  Scratch scratch;
  for (const Vector& vector : read_vectors("safetensors/accepted.vec")) {
    CAPTURE(vector.name);
    const auto path = scratch.put("v.safetensors", file_of(vector));
    auto checkpoint = Checkpoint::open(path);
    if (!checkpoint) {
      CHECK(outcome_of(path).tensors.empty());
      continue;
    }
    std::string data;
    for (const Tensor& tensor : checkpoint->tensors()) {
      std::string bytes(tensor.bytes, '?');
      REQUIRE(checkpoint->read(tensor, 0, std::as_writable_bytes(std::span(bytes))));
      data += bytes;
    }
    CHECK(data == data_of(vector));
  }
}

TEST_CASE("a weights file cut anywhere is refused", "[bad-input]") {
  Scratch scratch;
  for (const Vector& vector : read_vectors("safetensors/accepted.vec")) {
    CAPTURE(vector.name);
    const std::string bytes = file_of(vector);
    if (bytes.size() > 2000) continue;
    const auto path = scratch.put("cut.safetensors", bytes);
    for (size_t length = bytes.size(); length-- > 0;) {
      std::filesystem::resize_file(path, length);
      if (outcome_of(path).kind == "accept") FAIL("accepted when cut to " << length);
    }
  }
}

TEST_CASE("a weights file with any byte changed is refused or still covered without gaps",
          "[bad-input]") {
  for (const Vector& vector : read_vectors("safetensors/accepted.vec")) {
    CAPTURE(vector.name);
    if (vector.find("file")) continue;
    const std::string header = vector.at("header");
    if (header.size() > 2000) continue;
    const uint64_t data_bytes = data_of(vector).size();
    for (size_t i = 0; i < header.size(); ++i) {
      for (const char change : {'\x01', '\x02', '\x10', '\x20', '\x7F'}) {
        std::string changed = header;
        changed[i] = static_cast<char>(changed[i] ^ change);
        const auto result = parse_safetensors_header(std::move(changed), data_bytes);
        if (!result) continue;
        uint64_t at = result->data_begin;
        for (const Tensor& tensor : result->tensors) {
          if (tensor.offset != at || tensor.elements() * bits(tensor.dtype) != 8 * tensor.bytes) {
            FAIL("byte " << i << " changed by " << int{change});
          }
          at += tensor.bytes;
        }
        if (at != result->data_begin + data_bytes) FAIL("byte " << i);
      }
    }
  }
}

}  // namespace wmk::checkpoint
