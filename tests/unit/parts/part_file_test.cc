// The file of a part: what is written is read, and nothing else is accepted.
#include "embed/parts/part_file.h"

#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/text.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using test::must;
using test::Scratch;
using test::test_key;

PartIdentity test_identity() {
  return {"weightmark 0", std::string(32, 's'), std::string(32, 'r'), "exact"};
}

PartSums test_sums() {
  PartSums out(2, 3);
  ScanSum plain{.blocks = 4};
  plain.plain = SketchSum{{0, 1, -1, 300, -70'000, kSumMax}, {5, -6}, {1, 2, 3, 4}};
  must(out.hand_over("plain", plain, 9));
  ScanSum careful{.blocks = 2, .facts = {5, 6, 7, 8}};
  careful.bands.push_back({-3, 10, 1, true, SketchSum{{-128, 127}, {}, {}}});
  careful.bands.push_back({2, 11, 0, false, {}});
  must(out.hand_over("careful", careful, 9));
  CHECK_FALSE(out.hand_over("torn", Error(ErrorCode::io, "cannot be read"), 9));
  return out;
}

}  // namespace

TEST_CASE("a part is read as it was written, by its key alone", "[parts][bad-input]") {
  const Scratch scratch;
  const auto key = test_key("owner");
  must(write_part(scratch / "2.part", key, test_identity(), test_sums(), false));
  const PartFile read = must(read_part(scratch / "2.part", key));
  CHECK(read.part == 2);
  CHECK(read.parts == 3);
  CHECK(read.identity.request == std::string(32, 'r'));
  REQUIRE(read.sums.size() == 2);
  const ScanSum& plain = read.sums.at("plain");
  CHECK(plain.blocks == 4);
  CHECK(plain.plain->entries == std::vector<int64_t>{0, 1, -1, 300, -70'000, kSumMax});
  CHECK(plain.plain->energies == std::vector<int64_t>{5, -6});
  CHECK(plain.plain->counts == std::array<uint64_t, 4>{1, 2, 3, 4});
  const ScanSum& careful = read.sums.at("careful");
  REQUIRE(careful.bands.size() == 2);
  CHECK(careful.bands[0].band == -3);
  CHECK(careful.bands[0].limited);
  CHECK(careful.bands[0].sketches->entries == std::vector<int64_t>{-128, 127});
  CHECK_FALSE(careful.bands[1].sketches);
  CHECK(careful.facts == std::array<uint64_t, 4>{5, 6, 7, 8});
  CHECK(read.faults == std::vector<std::string>{"torn: cannot be read"});

  const auto other = read_part(scratch / "2.part", test_key("other"));
  REQUIRE_FALSE(other);
  CHECK(other.error().message().find("was made with the key wm1") != std::string::npos);
  CHECK_FALSE(write_part(scratch / "2.part", key, test_identity(), test_sums(), false));
}

TEST_CASE("a part is secret, and its bytes depend on nothing but its sums", "[parts]") {
  const Scratch scratch;
  const auto key = test_key("owner");
  for (const char* name : {"a", "b"}) {
    must(write_part(scratch / name, key, test_identity(), test_sums(), false));
  }
  CHECK(must(read_text(scratch / "a", 1 << 20)) == must(read_text(scratch / "b", 1 << 20)));
  CHECK((std::filesystem::status(scratch / "a").permissions() & std::filesystem::perms(0077)) ==
        std::filesystem::perms::none);
}

TEST_CASE("a part of which a byte was changed, or the end is missing, is damaged",
          "[parts][bad-input]") {
  const Scratch scratch;
  const auto key = test_key("owner");
  must(write_part(scratch / "2.part", key, test_identity(), test_sums(), false));
  const std::string whole = must(read_text(scratch / "2.part", 1 << 20));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string text = whole;
    text[i] = static_cast<char>(text[i] ^ 1);
    scratch.put("changed", text);
    CAPTURE(i);
    CHECK_FALSE(read_part(scratch / "changed", key));
    scratch.put("cut", whole.substr(0, i));
    CHECK_FALSE(read_part(scratch / "cut", key));
  }
}

TEST_CASE("content of a part that no part has is refused", "[parts][bad-input]") {
  const std::string number = "\x08\x02\x10\x03";  // part 2 of 3
  const std::string digests = "\x22\x20" + std::string(32, 's') + "\x2a\x20" + std::string(32, 'r');
  REQUIRE(part_from(number + digests));
  CHECK_FALSE(part_from(number));                                     // no digests
  CHECK_FALSE(part_from(std::string("\x08\x04\x10\x03") + digests));  // part 4 of 3
  CHECK_FALSE(part_from(digests));                                    // part 0 of 0
  const auto scan = [&](const std::string& body) {
    return part_from(number + digests + "\x3a" + std::string(1, static_cast<char>(body.size())) +
                     body);
  };
  const std::string facts = std::string("\x32\x04\0\0\0\0", 6);
  REQUIRE(scan("\x0a\x01n" + facts));
  CHECK_FALSE(scan(facts));        // no name
  CHECK_FALSE(scan("\x0a\x01n"));  // no facts
  const std::string counts = std::string("\x22\x04\0\0\0\0", 6);
  REQUIRE(scan("\x0a\x01n" + facts + "\x1a\x0b\x08\x01\x12\x01z" + counts));
  CHECK_FALSE(scan("\x0a\x01n" + facts + "\x1a\x0b\x08\x02\x12\x01z" + counts));  // half an entry
  CHECK_FALSE(scan("\x0a\x01n" + facts + "\x1a\x0b\x08\x09\x12\x01z" + counts));  // of 9 bytes
  CHECK_FALSE(scan("\x0a\x01n" + facts + "\x1a\x05\x08\x01\x12\x01z"));           // no counts
  CHECK_FALSE(scan("\x0a\x01n" + facts + "\x2a\x03\x08\xc4\x40"));                // band 4130
}

}  // namespace wmk::embed
