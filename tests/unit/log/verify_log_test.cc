// Verifying a log: each kind of damage is found under its code.
#include "claims/log/verify_log.h"

#include <catch2/catch.hpp>

#include "base/file.h"
#include "tests/unit/log/made_log.h"

namespace wmk::claims {

using test::MadeLog;
using test::numbered_entries;

namespace {

namespace fs = std::filesystem;

void flip(const fs::path& file, size_t at) {
  std::string bytes = *read_text(file, 1 << 20);
  bytes.at(at) = static_cast<char>(bytes[at] ^ 1);
  REQUIRE(write_whole(file, as_bytes(bytes), 0644, true));
}

LogCode first_code(const MadeLog& log) {
  const auto answer = log.verified();
  REQUIRE_FALSE(answer.reasons.good());
  return answer.reasons.list.front().code;
}

}  // namespace

TEST_CASE("a changed tile is found", "[log]") {
  const char* const name =
      GENERATE("tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2");
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 600)));
  CHECK(log.verified().reasons.good());
  flip(log.folder() / name, 33);
  CAPTURE(name);
  CHECK(first_code(log) == LogCode::tile_differs);
}

TEST_CASE("a changed entry is found, with its tile and the root", "[log]") {
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 600)));
  flip(log.folder() / "tile/entries/001", 5);
  const auto answer = log.verified();
  REQUIRE(answer.reasons.list.size() == 3);
  CHECK(answer.reasons.list[0].code == LogCode::tile_differs);
  CHECK(answer.reasons.list[1].code == LogCode::tile_differs);
  CHECK(answer.reasons.list[2].code == LogCode::root_differs);
}

TEST_CASE("the first reasons are listed, whatever the number of threads", "[log]") {
  constexpr size_t kBundles = 24;
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, kBundles * kTileWidth)));
  for (size_t i = 0; i < kBundles; ++i) {
    flip(log.folder() / tile_path({std::nullopt, i}), 5);
  }
  const auto texts = [&](unsigned threads) {
    std::vector<std::string> out;
    for (const LogReason& each : log.verified(log.folder(), threads).reasons.list) {
      out.push_back(each.text);
    }
    return out;
  };
  const auto one = texts(1);
  REQUIRE(one.size() > 1);
  CHECK(one.front().starts_with("tile/0/000:"));
  CHECK(one[1].starts_with("tile/0/001:"));
  for (int round = 0; round < 5; ++round) CHECK(texts(4) == one);
}

TEST_CASE("missing and malformed files of a log are found", "[log][bad-input]") {
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 600)));
  SECTION("a tile") {
    fs::remove(log.folder() / "tile/1/000.p/2");
    CHECK(first_code(log) == LogCode::tile_missing);
  }
  SECTION("entries") {
    fs::remove(log.folder() / "tile/entries/000");
    CHECK(first_code(log) == LogCode::entries_missing);
  }
  SECTION("an entry too few") {
    std::string one;
    append_entry("entry 0", one);
    REQUIRE(write_whole(log.folder() / "tile/entries/000", as_bytes(one), 0644, true));
    CHECK(first_code(log) == LogCode::entries_malformed);
  }
  SECTION("a length beyond the end") {
    flip(log.folder() / "tile/entries/000", 0);
    CHECK(first_code(log) == LogCode::entries_malformed);
  }
  SECTION("a checkpoint that is none") {
    REQUIRE(write_whole(log.folder() / "checkpoint", as_bytes("x"), 0644, true));
    const TileStore store = log.store();
    const Policy policy = log.policy();
    CHECK_FALSE(verify_log({store, policy}));
  }
}

TEST_CASE("a checkpoint of another key or with a changed root is refused", "[log]") {
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 600)));
  const fs::path file = log.folder() / "checkpoint";
  const TileStore store = log.store();
  SECTION("another key") {
    const Policy other = Policy::of_log(
        test::note_signer("example.org/marks", 9).verifier(crypto::NoteKeyType::ed25519));
    CHECK(verify_log({store, other})->reasons.list.front().code == LogCode::log_unknown);
  }
  SECTION("a changed size, not signed") {
    std::string text = log.checkpoint();
    text.replace(text.find("600"), 3, "599");
    REQUIRE(write_whole(file, as_bytes(text), 0644, true));
    CHECK(first_code(log) == LogCode::log_signature);
  }
  SECTION("another root, signed by the log") {
    const std::string text = signed_checkpoint({600, crypto::tree_root({})}, log.signer());
    REQUIRE(write_whole(file, as_bytes(text), 0644, true));
    CHECK(first_code(log) == LogCode::root_differs);
  }
  SECTION("a size of 2^63, signed by the log") {
    const std::string text = signed_checkpoint({1ull << 63, {}}, log.signer());
    REQUIRE(write_whole(file, as_bytes(text), 0644, true));
    const Policy policy = log.policy();
    CHECK(verify_log({store, policy}).error().code() == ErrorCode::limit_exceeded);
  }
}

TEST_CASE("a rolled back log and a second history do not continue an older checkpoint", "[log]") {
  const MadeLog log("log"), fork("fork");
  REQUIRE(log.append(numbered_entries(0, 300)));
  const auto older = *parse_signed_checkpoint(log.checkpoint());
  REQUIRE(log.append(numbered_entries(300, 300)));
  const auto newer = *parse_signed_checkpoint(log.checkpoint());
  const Policy policy = log.policy();
  const TileStore store = log.store();
  CHECK(verify_log({store, policy, &older})->reasons.good());
  CHECK(verify_log({store, policy, &newer})->reasons.good());
  // The same key, other entries.
  REQUIRE(fork.append(numbered_entries(1, 700)));
  const TileStore other = fork.store();
  CHECK(verify_log({other, policy, &older})->reasons.list.front().code == LogCode::inconsistent);
  const MadeLog shorter("shorter");
  REQUIRE(shorter.append(numbered_entries(0, 299)));
  const TileStore rolled_back = shorter.store();
  CHECK(verify_log({rolled_back, policy, &older})->reasons.list.front().code ==
        LogCode::inconsistent);
}

}  // namespace wmk::claims
