// A file that breaks each rule of specs/gguf.md about headers.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "checkpoint/gguf/header.h"
#include "tests/unit/checkpoint/gguf/gguf_builder.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using Catch::Matchers::Contains;
using wmk::test::GgufBuilder;
using wmk::test::Scratch;

Result<GgufHeader> read_gguf(const std::string& content) {
  Scratch scratch;
  auto file = ReadFile::open(scratch.put("x.gguf", content));
  REQUIRE(file);
  return read_gguf_header(*file);
}

std::string header_refusal(const std::string& content, ErrorCode code = ErrorCode::malformed) {
  const auto header = read_gguf(content);
  REQUIRE(!header);
  CHECK(header.error().code() == code);
  return header.error().message();
}

GgufBuilder sound() {
  GgufBuilder file;
  file.text("general.architecture", "llama").u32("llama.block_count", 2);
  file.tensor("a", {8, 3}).tensor("b", {5});
  return file;
}

}  // namespace

TEST_CASE("a GGUF header of version 2 or 3 is read, extents slowest first") {
  for (const uint32_t version : {2u, 3u}) {
    GgufBuilder file = sound();
    file.version = version;
    const auto header = read_gguf(file.finish());
    REQUIRE(header);
    CHECK(header->values.text("general.architecture") == "llama");
    CHECK(header->values.whole("llama.block_count") == 2);
    REQUIRE(header->tensors.size() == 2);
    CHECK(header->tensors[0].shape == std::vector<uint64_t>{3, 8});
    CHECK(header->tensors[1].offset == header->tensors[0].offset + 96);
    CHECK(header->tensors[1].bytes == 20);
  }
}

TEST_CASE("every kind of value is read, and lists of lists are refused", "[bad-input]") {
  GgufBuilder file;
  const auto raw = [](auto value) { return GgufBuilder::raw(value); };
  file.key("u8", 0, raw(uint8_t{200})).key("i8", 1, raw(int8_t{-1}));
  file.key("u64", 10, raw(uint64_t{1} << 40)).key("i64", 11, raw(int64_t{7}));
  file.key("f32", 6, raw(1.5f)).key("f64", 12, raw(2.5)).key("yes", 7, raw(uint8_t{1}));
  file.i32s("list", {1, 2, 3}).texts("tokenizer.ggml.tokens", {"a", "b"});
  file.key("flags", 9, raw(uint32_t{7}) + raw(uint64_t{2}) + std::string("\0\1", 2));
  file.tensor("t", {1});
  const auto header = read_gguf(file.finish());
  REQUIRE(header);
  CHECK(header->values.whole("u8") == 200);
  CHECK(header->values.whole("u64") == 1ull << 40);
  CHECK_FALSE(header->values.whole("i8"));
  CHECK_FALSE(header->values.whole("f32"));
  REQUIRE(header->values.wholes("list"));
  CHECK(*header->values.wholes("list") == std::vector<uint64_t>{1, 2, 3});
  CHECK(header->values.texts("tokenizer.ggml.tokens")->size() == 2);

  GgufBuilder nested;
  nested.key("k", 9, raw(uint32_t{9}) + raw(uint64_t{1}) + raw(uint32_t{4}) + raw(uint64_t{0}));
  CHECK(header_refusal(nested.finish()) == "key 'k': is a list in a list");
}

TEST_CASE("a damaged key or value of a GGUF file is malformed", "[bad-input]") {
  const auto raw = [](auto value) { return GgufBuilder::raw(value); };
  CHECK(header_refusal(GgufBuilder().key("k", 7, raw(uint8_t{2})).finish()) ==
        "key 'k': a bool is neither 0 nor 1");
  CHECK(header_refusal(GgufBuilder()
                           .key("k", 9, raw(uint32_t{7}) + raw(uint64_t{1}) + raw(uint8_t{9}))
                           .finish()) == "key 'k': a bool is neither 0 nor 1");
  CHECK(header_refusal(GgufBuilder().key("k", 13, "").text("l", "m").finish()) ==
        "key 'k': unknown type 13");
  CHECK(header_refusal(GgufBuilder().key("k", 9, raw(uint32_t{13}) + raw(uint64_t{1})).finish()) ==
        "key 'k': unknown type 13");
  CHECK(header_refusal(GgufBuilder().u32("k", 1).u32("k", 1).finish()) == "key 'k': occurs twice");
  CHECK(header_refusal(GgufBuilder().u32("", 1).finish()) == "key '': is not printable ASCII");
  CHECK(header_refusal(GgufBuilder().u32("a b", 1).finish()) ==
        "key 'a b': is not printable ASCII");
  CHECK(header_refusal(GgufBuilder().u32("\xC3\xA9", 1).finish())
            .ends_with("is not printable ASCII"));
  CHECK(header_refusal(GgufBuilder().u32(std::string(65536, 'k'), 1).finish(),
                       ErrorCode::limit_exceeded) == "key 0 has 65536 bytes, more than 65535");
}

TEST_CASE("counts of a GGUF header are checked against the bytes that are left", "[bad-input]") {
  const auto raw = [](auto value) { return GgufBuilder::raw(value); };
  for (const int64_t more : {int64_t{1} << 8, int64_t{1} << 40, int64_t{-10}}) {
    GgufBuilder keys = sound();
    keys.more_keys = more;
    CHECK_THAT(header_refusal(keys.finish()), Contains("keys: ") && Contains("bytes are left"));
    GgufBuilder tensors = sound();
    tensors.more_tensors = more;
    CHECK_THAT(header_refusal(tensors.finish()),
               Contains("tensors: ") && Contains("bytes are left"));
  }
  for (const uint64_t count : {uint64_t{100}, uint64_t{1} << 30, ~uint64_t{0}}) {
    for (const uint32_t kind : {0u, 5u, 7u, 8u, 12u}) {
      CHECK_THAT(header_refusal(GgufBuilder().key("k", 9, raw(kind) + raw(count)).finish()),
                 Contains("bytes are left"));
    }
    CHECK_THAT(header_refusal(GgufBuilder().key("k", 8, raw(count)).finish()),
               Contains("ends inside"));
  }
  GgufBuilder one = sound();
  one.more_tensors = 1;
  CHECK_FALSE(read_gguf(one.finish()));
  one = sound();
  one.more_keys = -1;
  CHECK_FALSE(read_gguf(one.finish()));
}

TEST_CASE("a GGUF file of another kind is refused by what it is", "[bad-input]") {
  GgufBuilder file = sound();
  file.magic = "GGUX";
  CHECK(header_refusal(file.finish()) == "does not begin with GGUF");
  for (const uint32_t version : {0u, 1u, 4u}) {
    file = sound();
    file.version = version;
    CHECK(header_refusal(file.finish(), ErrorCode::unsupported) ==
          cat("is GGUF of version ", version, ", not 2 or 3"));
  }
  file = sound();
  file.version = 3u << 24;
  CHECK(header_refusal(file.finish(), ErrorCode::unsupported) == "is a big-endian GGUF file");
  CHECK(header_refusal("GGUF") == "the file ends inside the header at byte 4");
}

TEST_CASE("the alignment of a GGUF file is a power of two and at most 1 MiB", "[bad-input]") {
  for (const uint32_t alignment : {1u, 8u, 64u, 4096u}) {
    GgufBuilder file = sound();
    file.u32("general.alignment", alignment);
    file.alignment = alignment;
    CHECK(read_gguf(file.finish()));
  }
  for (const uint32_t alignment : {0u, 3u, 48u}) {
    CHECK_THAT(header_refusal(sound().u32("general.alignment", alignment).finish()),
               Contains("not a power of two"));
  }
  CHECK_THAT(header_refusal(sound().u32("general.alignment", 1u << 21).finish(),
                            ErrorCode::limit_exceeded),
             Contains("more than 1048576"));
  CHECK(header_refusal(sound().u16("general.alignment", 32).finish()) ==
        "general.alignment is not a u32");
}

TEST_CASE("an entry of the tensor table that is wrong is malformed and named", "[bad-input]") {
  const auto with = [](GgufBuilder::Entry entry) {
    GgufBuilder file = sound();
    file.add(std::move(entry));
    return file.finish();
  };
  const std::string zeros(64, '\0');
  CHECK(header_refusal(with({"a", {4}, 0, std::string(16, '\0'), 0})) ==
        "tensor 'a': occurs twice");
  CHECK(header_refusal(with({"", {4}, 0, std::string(16, '\0'), 0})) ==
        "tensor '': is not a valid name");
  CHECK(header_refusal(with({"a\nb", {4}, 0, std::string(16, '\0'), 0}))
            .ends_with("is not a valid name"));
  CHECK(header_refusal(with({"\xFF", {4}, 0, std::string(16, '\0'), 0}))
            .ends_with("is not a valid name"));
  CHECK(header_refusal(with({std::string(64, 'n'), {4}, 0, zeros, 0}), ErrorCode::limit_exceeded) ==
        "tensor 2 has 64 bytes, more than 63");
  CHECK(header_refusal(with({"c", {1, 1, 1, 1, 16}, 0, zeros, 0})) ==
        "tensor 'c': has 5 dimensions");
  for (const uint32_t type : {4u, 5u, 9u, 15u, 31u, 36u, 43u, 1000u}) {
    CHECK(header_refusal(with({"c", {16}, type, zeros, 0}), ErrorCode::unsupported) ==
          cat("tensor 'c': is of type ", type, ", which is not read"));
  }
  CHECK(header_refusal(with({"c", {33}, 2, zeros, 0})) ==
        "tensor 'c': a row of 33 values is not made of blocks of Q4_0, which hold 32");
  for (const auto& extents : std::vector<std::vector<uint64_t>>{
           {1ull << 63}, {1ull << 32, 1ull << 31}, {0, 1ull << 62, 4}, {~0ull, ~0ull}}) {
    CHECK(header_refusal(with({"c", extents, 0, "", 0})) == "tensor 'c': its extents overflow");
  }
  CHECK(header_refusal(with({"c", {1ull << 62}, 0, "", 0})) == "tensor 'c': its size overflows");
  CHECK(header_refusal(with({"c", {1ull << 40}, 0, "", 0})) ==
        "tensor 'c': its data end after the end of the file");
  for (const int64_t error : {-32, 32, 1}) {
    CHECK_THAT(header_refusal(with({"c", {4}, 0, std::string(16, '\0'), error})),
               Contains("tensor 'c': begins at"));
  }
}

TEST_CASE("a GGUF tensor may be a scalar or empty") {
  GgufBuilder file = sound();
  file.add({"scalar", {}, 0, std::string(4, '\0'), 0});
  file.add({"empty", {0, 5}, 0, "", 0});
  file.tensor("last", {2});
  const auto header = read_gguf(file.finish());
  REQUIRE(header);
  CHECK(header->tensors[2].bytes == 4);
  CHECK(header->tensors[3].bytes == 0);
  CHECK(header->tensors[3].shape == std::vector<uint64_t>{5, 0});
}

TEST_CASE("padding of a GGUF file is zero and nothing follows it", "[bad-input]") {
  const std::string good = sound().finish();
  CHECK(read_gguf(good));
  CHECK(
      read_gguf(good + std::string(12, '\0')));  // "b" has 20 bytes: up to the next multiple of 32
  CHECK_THAT(header_refusal(good + std::string(11, '\0') + "x"), Contains("is not zero"));
  CHECK(header_refusal(good + std::string(32, '\0')) == "32 bytes follow the last tensor");
  GgufBuilder gap;
  gap.tensor("a", {5}).tensor("b", {8});
  std::string file = gap.finish();
  file[file.size() - 33] = '\1';
  CHECK_THAT(header_refusal(file), Contains("padding after byte"));
  file = sound().finish();
  const size_t header_end = file.size() - 96 - 20 - 1;
  file[header_end] = '\1';
  CHECK_FALSE(read_gguf(file));
}

TEST_CASE("a GGUF file cut anywhere is refused", "[bad-input]") {
  GgufBuilder file = sound();
  file.texts("tokenizer.ggml.tokens", {"a", "bc"}).i32s("tokenizer.ggml.token_type", {1, 3});
  const std::string content = file.finish();
  for (size_t bytes = 0; bytes < content.size(); ++bytes) {
    INFO(bytes);
    CHECK_FALSE(read_gguf(content.substr(0, bytes)));
  }
}

TEST_CASE("a GGUF file with any byte changed is refused or reads within its bounds",
          "[bad-input]") {
  GgufBuilder file = sound();
  file.texts("tokenizer.ggml.tokens", {"a", "bc"}).u32("general.alignment", 32);
  const std::string content = file.finish();
  for (size_t at = 0; at < content.size(); ++at) {
    for (const char change : {'\x01', '\x80', '\xFF'}) {
      std::string changed = content;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const auto header = read_gguf(changed);
      if (!header) continue;
      for (const GgufTensor& tensor : header->tensors) {
        CHECK(tensor.offset + tensor.bytes <= changed.size());
      }
    }
  }
}

}  // namespace wmk::checkpoint
