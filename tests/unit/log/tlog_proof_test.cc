// Proofs: what is read, and that no changed byte still proves an entry.
#include "claims/log/tlog_proof.h"

#include <catch2/catch.hpp>

#include "claims/log/check_proof.h"
#include "crypto/encoding.h"
#include "tests/unit/log/made_log.h"

namespace wmk::claims {

using test::MadeLog;
using test::numbered_entries;

namespace {

std::string proof_of(const MadeLog& log, uint64_t index, uint64_t size) {
  const TileStore store = log.store();
  return tlog_proof_text(
      {std::nullopt, index, *LogTree(store, size).inclusion(index), log.checkpoint()});
}

bool proves(std::string_view text, const crypto::TreeHash& leaf, const Policy& policy) {
  const auto proof = parse_tlog_proof(text);
  if (!proof) return false;
  LogReasons reasons;
  const auto proven = check_proof(leaf, *proof, policy, reasons);
  CHECK((!proven || proven->has_value() == reasons.good()));
  return proven && *proven;
}

}  // namespace

TEST_CASE("a proof is read as it was written", "[log]") {
  const std::string head = "c2sp.org/tlog-proof@v1\n", hash = crypto::to_base64(Bytes(32)) + "\n";
  for (const std::string& text : std::vector<std::string>{
           head + "index 0\n\nnote", head + "extra AAEC\nindex 18446744073709551615\n\nnote",
           head + "index 7\n" + hash + hash + "\na\n\nb\n"}) {
    const auto proof = parse_tlog_proof(text);
    REQUIRE(proof);
    CHECK(tlog_proof_text(*proof) == text);
  }
}

TEST_CASE("a malformed proof is refused", "[log][bad-input]") {
  const std::string head = "c2sp.org/tlog-proof@v1\n", hash = crypto::to_base64(Bytes(32)) + "\n";
  std::string long_path = head + "index 0\n";
  for (int i = 0; i < 64; ++i) long_path += hash;
  for (const std::string& text : std::vector<std::string>{
           "", "c2sp.org/tlog-proof@v2\nindex 0\n\n", head, head + "\n", head + "index\n\n",
           head + "index 01\n\n", head + "index -1\n\n", head + "index 18446744073709551616\n\n",
           head + "extra \nindex 0\n\n", head + "extra x\nindex 0\n\n",
           head + "extra AAEC\nextra AAEC\nindex 0\n\n", head + "index 0\nextra AAEC\n\n",
           head + "index 0\n" + hash, head + "index 0\nAAAA\n\n", head + "index 0\r\n\n",
           long_path + "\n", std::string(kProofBytesMax + 1, 'x')}) {
    CAPTURE(text.substr(0, 80));
    CHECK_FALSE(parse_tlog_proof(text));
  }
}

TEST_CASE("a proof shows one entry of one log, and no changed byte of it does", "[log]") {
  const MadeLog log;
  REQUIRE(log.append(numbered_entries(0, 300)));
  const std::string text = proof_of(log, 257, 300);
  const crypto::TreeHash leaf = crypto::tree_leaf(as_bytes("entry 257"));
  const Policy policy = log.policy();
  CHECK(proves(text, leaf, policy));
  CHECK_FALSE(proves(text, crypto::tree_leaf(as_bytes("entry 256")), policy));
  CHECK_FALSE(proves(
      text, leaf,
      Policy::of_log(
          test::note_signer("example.org/marks", 2).verifier(crypto::NoteKeyType::ed25519))));
  for (size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    CHECK_FALSE(proves(changed, leaf, policy));
    CHECK_FALSE(proves(text.substr(0, at), leaf, policy));
  }
}

TEST_CASE("extra data of a proof is not trusted and changes nothing", "[log]") {
  const MadeLog log;
  REQUIRE(log.append({"one", "two"}));
  auto proof = *parse_tlog_proof(proof_of(log, 1, 2));
  proof.extra = Bytes(3, std::byte{9});
  CHECK(proves(tlog_proof_text(proof), crypto::tree_leaf(as_bytes("two")), log.policy()));
}

}  // namespace wmk::claims
