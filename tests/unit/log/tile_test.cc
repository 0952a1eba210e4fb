// Names and bytes of tiles: the examples of C2SP tlog-tiles.
#include "claims/log/tile.h"

#include <catch2/catch.hpp>

namespace wmk::claims {

TEST_CASE("tiles have the names of C2SP", "[log]") {
  CHECK(tile_path({0, 0, 256}) == "tile/0/000");
  CHECK(tile_path({2, 1234067, 256}) == "tile/2/x001/x234/067");
  CHECK(tile_path({std::nullopt, 999, 17}) == "tile/entries/999.p/17");
  CHECK(tile_path({std::nullopt, 1000, 1}) == "tile/entries/x001/000.p/1");
  for (const TileId& id : {TileId{0, 0, 256}, TileId{63, 1234067, 255}, TileId{7, UINT64_MAX, 1},
                           TileId{std::nullopt, 1000000, 256}}) {
    CHECK(parse_tile_path(tile_path(id)) == id);
  }
}

TEST_CASE("other names are not tiles", "[log][bad-input]") {
  for (const char* name : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/0000",
                           "tile/00/000",
                           "tile/64/000",
                           "tile/-1/000",
                           "tile/0/x000/000",
                           "tile/0/001/000",
                           "tile/0/x001/00",
                           "tile/0/000.p",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/1/",
                           "tile/entry/000",
                           "tile/0/../000",
                           "tile/0/x018/x446/x744/x073/x709/x551/616",
                           "/tile/0/000"}) {
    CAPTURE(name);
    CHECK_FALSE(parse_tile_path(name));
  }
}

TEST_CASE("a tree of 70,000 entries has the tiles of C2SP's example", "[log]") {
  CHECK(level_count(70000, 0) / kTileWidth == 273);
  CHECK(tile_width(level_count(70000, 0), 272) == 256);
  CHECK(tile_width(level_count(70000, 0), 273) == 112);
  CHECK(tile_width(level_count(70000, 0), 274) == 0);
  CHECK(tile_width(level_count(70000, 1), 0) == 256);
  CHECK(tile_width(level_count(70000, 1), 1) == 17);
  CHECK(tile_width(level_count(70000, 2), 0) == 1);
  CHECK(level_count(70000, 3) == 0);
  CHECK(tile_width(level_count(256, 1), 0) == 1);
  CHECK(level_count(UINT64_MAX, 8) == 0);
}

TEST_CASE("entries are read as they were written", "[log]") {
  const std::string longest(kEntryBytesMax, 'x');
  std::string bundle;
  for (const std::string& entry : std::vector<std::string>{"a", "", longest, "bc"}) {
    append_entry(entry, bundle);
  }
  CHECK(bundle.substr(0, 5) == std::string("\0\1a\0\0", 5));
  const auto entries = parse_entries(bundle);
  REQUIRE(entries);
  REQUIRE(entries->size() == 4);
  CHECK((*entries)[2] == longest);
  CHECK((*entries)[3] == "bc");
}

TEST_CASE("malformed bundles of entries and tiles are refused", "[log][bad-input]") {
  CHECK_FALSE(parse_entries(std::string_view("\0", 1)));
  CHECK_FALSE(parse_entries(std::string_view("\0\2a", 3)));
  CHECK_FALSE(parse_entries(std::string(2 * 257, '\0')));
  CHECK(parse_entries(std::string(2 * 256, '\0')));
  CHECK_FALSE(parse_tile(std::string(31, 'x'), 1));
  CHECK_FALSE(parse_tile(std::string(64, 'x'), 1));
  CHECK(parse_tile(std::string(64, 'x'), 2));
}

}  // namespace wmk::claims
