// Appending: the tree is that of all entries, and a run that stops anywhere leaves a valid log.
#include <catch2/catch.hpp>

#include "base/file.h"
#include "tests/unit/log/made_log.h"

namespace wmk::claims {

using test::leaves_of;
using test::MadeLog;
using test::numbered_entries;

namespace fs = std::filesystem;

TEST_CASE("a log that grows in batches has the tree of all entries", "[log]") {
  const MadeLog log;
  std::vector<std::string> all;
  for (const uint64_t count : {1, 2, 252, 1, 1, 255, 256, 300, 700, 64}) {
    const auto batch = numbered_entries(all.size(), count);
    REQUIRE(log.append(batch));
    all.insert(all.end(), batch.begin(), batch.end());
    const auto leaves = leaves_of(all);
    const auto checkpoint = parse_signed_checkpoint(log.checkpoint());
    REQUIRE(checkpoint);
    CAPTURE(all.size());
    CHECK(checkpoint->checkpoint.head.size == all.size());
    CHECK(checkpoint->checkpoint.head.root == crypto::tree_root(leaves));
    CHECK(log.verified().reasons.good());
    const TileStore store = log.store();
    LogTree tree(store, all.size());
    for (const uint64_t index : {uint64_t{0}, all.size() / 3, all.size() - 1}) {
      CHECK(*tree.inclusion(index) == crypto::inclusion_path(leaves, index));
      CHECK(*tree.find(leaves[index]) == index);
      CHECK(*tree.consistency(index + 1) == crypto::consistency_path(leaves, index + 1));
    }
    const auto none = crypto::tree_leaf(as_bytes("none"));
    CHECK_FALSE(*tree.find(none));
    const auto found = tree.find_all({leaves.back(), none, leaves.front()});
    REQUIRE(found);
    CHECK(found->size() == (all.size() == 1 ? 1 : 2));
    CHECK(found->at(leaves.back()) == all.size() - 1);
  }
}

TEST_CASE("the worked example of the page is what an append writes", "[log]") {
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 3)));
  auto page = read_text(fs::path(WMK_SOURCE_DIR) / "specs" / "log.md", 1 << 20);
  REQUIRE(page);
  page->erase(page->find("\n  ej4S"), 3);  // the page breaks the line
  CHECK(page->find(log.checkpoint()) != std::string::npos);
  CHECK(page->find(log.key().vkey() + "\n") != std::string::npos);
  CHECK(page->find(as_text(log.signer().file_content().reveal())) != std::string::npos);
  CHECK(to_hex(as_bytes(*read_text(log.folder() / "tile/entries/000.p/3", 100)).first(9)) ==
        "0007656e7472792030");
}

TEST_CASE("one append gives the same files as many", "[log]") {
  const MadeLog once("once"), often("often");
  REQUIRE(once.append(numbered_entries(0, 600)));
  for (uint64_t i = 0; i < 600; i += 100) REQUIRE(often.append(numbered_entries(i, 100)));
  CHECK(once.checkpoint() == often.checkpoint());
  for (const char* name : {"tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001",
                           "tile/entries/002.p/88"}) {
    CAPTURE(name);
    CHECK(*read_text(once.folder() / name, 1 << 20) == *read_text(often.folder() / name, 1 << 20));
  }
  CHECK_FALSE(fs::exists(often.folder() / "tile/0/000.p"));
  CHECK(fs::exists(often.folder() / "tile/0/002.p"));
}

TEST_CASE("an append that stops at any step leaves the older log or the newer one", "[log]") {
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 200)));
  const std::string before = log.checkpoint();
  bool whole = false;
  size_t newer = 0;
  for (size_t stop = 0; !whole; ++stop) {
    const fs::path copy = log.folder().parent_path() / std::to_string(stop);
    fs::copy(log.folder(), copy, fs::copy_options::recursive);
    size_t steps = 0;
    {
      auto appender = Appender::open(copy, log.signer(), [&](std::string_view) -> Status {
        if (steps++ < stop) return {};
        return Error(ErrorCode::io, "killed");
      });
      REQUIRE(appender);
      whole = appender->append(numbered_entries(200, 400)).has_value();
    }
    CAPTURE(stop);
    const auto left = log.verified(copy);
    CHECK(left.reasons.good());
    CHECK((left.head.size == 200 || left.head.size == 600));
    newer += left.head.size == 600 ? 1 : 0;
    if (left.head.size == 200) CHECK(*TileStore(copy).checkpoint() == before);
    // Whatever was left, the log goes on, with other entries.
    auto next = Appender::open(copy, log.signer());
    REQUIRE(next);
    CHECK(next->append(numbered_entries(5000, 77)));
    const auto after = log.verified(copy);
    CHECK(after.reasons.good());
    CHECK(after.head.size == left.head.size + 77);
    fs::remove_all(copy);
  }
  CHECK(newer == 2);  // the last step removes partial tiles
}

TEST_CASE("two appenders exclude each other", "[log]") {
  const MadeLog log;
  {
    const auto first = Appender::open(log.folder(), log.signer());
    REQUIRE(first);
    const auto second = Appender::open(log.folder(), log.signer());
    REQUIRE_FALSE(second);
    CHECK(second.error().message().find("another process") != std::string::npos);
  }
  CHECK(Appender::open(log.folder(), log.signer()));
}

TEST_CASE("another key, and a log that does not fit its checkpoint, are not continued", "[log]") {
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 300)));
  CHECK_FALSE(Appender::open(log.folder(), test::note_signer("example.org/marks", 2)));
  CHECK_FALSE(Appender::open(log.folder(), test::note_signer("example.org/other", 1)));
  const fs::path tile = log.folder() / "tile/0/001.p/44";
  std::string bytes = *read_text(tile, 1 << 20);
  bytes[40] = static_cast<char>(bytes[40] ^ 1);
  REQUIRE(write_whole(tile, as_bytes(bytes), 0644, true));
  CHECK_FALSE(Appender::open(log.folder(), log.signer()));
}

TEST_CASE("entries have 1 to 65,535 bytes", "[log][bad-input]") {
  const MadeLog log;
  CHECK_FALSE(log.append({""}));
  CHECK_FALSE(log.append({"good", std::string(kEntryBytesMax + 1, 'x')}));
  CHECK(log.append({std::string(kEntryBytesMax, 'x')}));
  CHECK(log.verified().head.size == 1);
}

TEST_CASE("a log is not made over something else", "[log]") {
  const MadeLog log;
  CHECK_FALSE(init_log(log.folder(), log.signer()));
  CHECK(log.verified().head.size == 0);
}

}  // namespace wmk::claims
