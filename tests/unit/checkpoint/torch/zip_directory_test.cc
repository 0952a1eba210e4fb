#include "checkpoint/torch/zip_directory.h"

#include <catch2/catch.hpp>

#include "tests/unit/checkpoint/torch/zip_builder.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using test::zip_of;
using test::ZipPart;
using wmk::test::Scratch;

Result<ZipDirectory> read_directory(const std::string& archive) {
  Scratch scratch;
  const auto file = ReadFile::open(scratch.put("a.zip", archive));
  REQUIRE(file);
  return read_zip_directory(*file);
}

void check_zip_refused(const std::string& archive, std::string_view words) {
  const auto directory = read_directory(archive);
  CAPTURE(words);
  REQUIRE(!directory);
  CAPTURE(directory.error().message());
  CHECK(directory.error().message().find(words) != std::string::npos);
}

const std::vector<ZipPart> kPlain = {{"a/data.pkl", "pickle"}, {"a/data/0", "12345678"}};

ZipPart part_with(void (*change)(ZipPart&)) {
  ZipPart part{"a/x", "123"};
  change(part);
  return part;
}

}  // namespace

TEST_CASE("entries of a stored archive are found by name, with the place of their data") {
  for (const bool is_zip64 : {true, false}) {
    const std::string archive = zip_of(kPlain, is_zip64);
    const auto directory = read_directory(archive);
    REQUIRE(directory);
    REQUIRE(directory->entries.size() == 2);
    const ZipEntry* entry = directory->find("a/data/0");
    REQUIRE(entry != nullptr);
    CHECK(archive.substr(entry->offset, entry->bytes) == "12345678");
    CHECK(directory->find("a/data/1") == nullptr);
  }
}

TEST_CASE("sizes in the header, long descriptors and padding are read") {
  const std::string padding = std::string("FB\x03\x00", 4) + "ZZZ";
  const auto directory =
      read_directory(zip_of({{.name = "a", .data = "1", .flags = 0, .descriptor_bytes = 0},
                             {.name = "b", .data = "22", .descriptor_bytes = 24},
                             {.name = "c", .data = "", .extra = padding}}));
  REQUIRE(directory);
  CHECK(directory->find("b")->bytes == 2);
  CHECK(directory->find("c")->bytes == 0);
}

TEST_CASE("archives that two readers could read in two ways are refused", "[bad-input]") {
  const std::string good = zip_of(kPlain);
  check_zip_refused("foreign" + good, "locator points elsewhere");
  check_zip_refused("foreign" + zip_of(kPlain, false), "does not end where the end record begins");
  check_zip_refused(good + "x", "does not end with the end record");
  check_zip_refused(good + good, "locator points elsewhere");
  check_zip_refused(zip_of({kPlain[0], kPlain[0]}), "occurs twice");
  const std::pair<ZipPart, std::string_view> cases[] = {
      {part_with([](ZipPart& p) { p.local_name = "a/y"; }), "its local header names it 'a/y'"},
      {part_with([](ZipPart& p) { p.method = 8; }), "is compressed (method 8)"},
      {part_with([](ZipPart& p) { p.flags |= 1; }), "is encrypted"},
      {part_with([](ZipPart& p) { p.flags |= 32; }), "unknown flags"},
      {part_with([](ZipPart& p) { p.descriptor_adds = 1; }), "the descriptor after the data"},
      {part_with([](ZipPart& p) { p.descriptor_bytes = 0; }), "that belong to no entry"},
      {part_with([](ZipPart& p) { p.trailing = "hidden"; }), "that belong to no entry"},
      {part_with([](ZipPart& p) { p.written_offset = 0; }), "entry 'a/"},
      {part_with([](ZipPart& p) { p.written_offset = 1; }), "overlaps the next entry"},
      {part_with([](ZipPart& p) { p.name = "a\nb"; }), "control character"},
      {part_with([](ZipPart& p) { p.name = "\xFF"; }), "not UTF-8"},
      {part_with([](ZipPart& p) { p.name = ""; }), "no name"},
      {part_with([](ZipPart& p) { p.extra = "pu"; }), "has a wrong length"},
      {part_with([](ZipPart& p) { p.extra = std::string("up\0\0", 4); }), "a second name"},
  };
  for (const auto& [part, words] : cases) check_zip_refused(zip_of({kPlain[0], part}), words);
}

TEST_CASE("two directories in one archive are refused", "[bad-input]") {
  const std::string good = zip_of(kPlain, false);
  const size_t directory = good.find("PK\x01\x02");
  // A second directory before the one that the end record names.
  std::string twice =
      good.substr(0, directory) + good.substr(directory, good.size() - 22 - directory);
  const uint32_t begin = static_cast<uint32_t>(twice.size());
  twice += good.substr(directory);
  store_le(twice.data() + twice.size() - 6, begin);
  check_zip_refused(twice, "that belong to no entry");
}

TEST_CASE("wrong end records are refused", "[bad-input]") {
  const std::string good = zip_of(kPlain);
  const auto changed = [&](size_t from_end, uint32_t value) {
    std::string archive = good;
    store_le(archive.data() + archive.size() - from_end, value);
    return archive;
  };
  check_zip_refused(changed(10, 7), "two end records differ");
  check_zip_refused(changed(6, 7), "two end records differ");
  check_zip_refused(changed(22 + 12, 7), "locator points elsewhere");
  check_zip_refused(changed(22 + 20 + 8, UINT32_MAX), "two end records differ");
  check_zip_refused(changed(18, 1), "several parts");
  std::string many = good;
  store_le(many.data() + many.size() - 22 - 20 - 56 + 24, UINT64_MAX);
  store_le(many.data() + many.size() - 22 - 20 - 56 + 32, UINT64_MAX);
  store_le(many.data() + many.size() - 14, uint32_t{0xFFFFFFFF});
  check_zip_refused(many, "archive has 18446744073709551615 entries");
}

TEST_CASE("an archive cut anywhere is refused", "[bad-input]") {
  const std::string good = zip_of(kPlain);
  for (size_t bytes = 0; bytes < good.size(); ++bytes) {
    CAPTURE(bytes);
    CHECK(!read_directory(good.substr(0, bytes)));
  }
}

TEST_CASE("an archive with any byte changed is refused or keeps its entries", "[bad-input]") {
  const std::string good = zip_of(kPlain);
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xFF'}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const auto directory = read_directory(changed);
      CAPTURE(at);
      if (directory) CHECK(directory->entries.size() == 2);
    }
  }
}

}  // namespace wmk::checkpoint
