// The example that specs/checkpoint.md prints, read from that page.
#include <catch2/catch.hpp>
#include <sstream>

#include "checkpoint/checkpoint.h"
#include "checkpoint/safetensors.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::content_of;
using wmk::test::Scratch;

// The bytes of the dump below the heading: lines of an offset, up to 16 bytes, and their letters.
std::string printed_bytes() {
  const std::string page = content_of(WMK_SOURCE_DIR "/specs/checkpoint.md");
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
  const std::string bytes = printed_bytes();
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

}  // namespace wmk::checkpoint
