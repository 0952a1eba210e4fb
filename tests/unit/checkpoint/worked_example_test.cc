// The examples in specs/checkpoint.md and specs/gguf.md, read from those pages.
#include <catch2/catch.hpp>
#include <sstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/safetensors/safetensors.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::content_of;
using wmk::test::Scratch;

// The bytes of the dump below the heading: lines with an offset, up to 16 bytes, and their
// characters.
std::string printed_bytes(const std::string& name) {
  const std::string page = content_of(WMK_SOURCE_DIR "/specs/" + name);
  const size_t heading = page.find("Worked example");
  REQUIRE(heading != std::string::npos);
  const size_t begin = page.find("```\n", heading) + 4;
  std::istringstream lines(page.substr(begin, page.find("```", begin) - begin));
  std::string bytes;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line.substr(6, 47));
    for (std::string digits; columns >> digits;) bytes += as_text(*from_hex(digits));
  }
  return bytes;
}

}  // namespace

TEST_CASE("the worked example of specs/checkpoint.md reads, and is written, as printed there") {
  const std::string bytes = printed_bytes("checkpoint.md");
  REQUIRE(bytes.size() == 172);
  Scratch scratch;
  const auto checkpoint = Checkpoint::open(scratch.put("m.safetensors", bytes));
  REQUIRE(checkpoint);
  REQUIRE(checkpoint->tensors().size() == 2);
  const Tensor& gain = checkpoint->tensors()[0];
  const Tensor& embed = checkpoint->tensors()[1];
  CHECK(gain.name == "gain");
  CHECK(gain.dtype == DType::bf16);
  CHECK(gain.offset == 160);
  CHECK(embed.name == "embed");
  CHECK(embed.shape == std::vector<uint64_t>{1, 2});
  Bytes data(8);
  REQUIRE(checkpoint->read(embed, 0, data));
  CHECK(load_le<float>(data.data()) == 0.5f);
  CHECK(load_le<uint32_t>(data.data() + 4) == 0x7fa00001);
  CHECK(safetensors_header_bytes(checkpoint->tensors(), {{"format", "pt"}}) ==
        bytes.substr(0, 160));
}

TEST_CASE("the worked example of specs/gguf.md reads as printed there") {
  const std::string bytes = printed_bytes("gguf.md");
  REQUIRE(bytes.size() == 152);
  Scratch scratch;
  const auto checkpoint = Checkpoint::open(scratch.put("m.gguf", bytes));
  REQUIRE(checkpoint);
  CHECK(checkpoint->own_config()->model_type == "llama");
  REQUIRE(checkpoint->tensors().size() == 1);
  const Tensor& x = checkpoint->tensors()[0];
  CHECK(x.name == "x");
  CHECK(x.shape == std::vector<uint64_t>{2, 3});
  CHECK(x.offset == 128);
  Bytes data(24);
  REQUIRE(checkpoint->read(x, 0, data));
  for (size_t i = 0; i < 6; ++i)
    CHECK(load_le<float>(data.data() + 4 * i) == static_cast<float>(i));
}

}  // namespace wmk::checkpoint
