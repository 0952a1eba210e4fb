// Witnesses: one history a log, cosigned and attached.
#include "claims/log/witness.h"

#include <catch2/catch.hpp>

#include "crypto/encoding.h"
#include "tests/unit/log/made_log.h"

namespace wmk::claims {

using test::MadeLog;
using test::numbered_entries;

namespace {

constexpr uint64_t kNow = 1800000000;

WitnessRequest request_of(const MadeLog& log, uint64_t old_size) {
  const TileStore store = log.store();
  const uint64_t size = parse_signed_checkpoint(log.checkpoint())->checkpoint.head.size;
  WitnessRequest out{old_size, {}, log.checkpoint()};
  if (old_size != 0) out.path = *LogTree(store, size).consistency(old_size);
  return out;
}

// "" and the answer in `line`, or the code of the refusal.
struct Witness {
  std::string ask(const MadeLog& log, const WitnessRequest& request) {
    LogReasons reasons;
    const Policy policy = log.policy();
    const auto made = cosign(request, {signer, policy, scratch / "state", kNow}, reasons);
    REQUIRE(made);
    if (!*made) return std::string(to_string(reasons.list.front().code));
    line = (*made)->line;
    return "";
  }
  test::Scratch scratch;
  crypto::NoteSigner signer = test::note_signer("w.example/1", 7);
  std::string line;
};

}  // namespace

TEST_CASE("a witness cosigns a log that continues what it cosigned", "[log]") {
  const MadeLog log;
  Witness witness;
  REQUIRE(log.append(numbered_entries(0, 10)));
  const auto first = request_of(log, 0);
  CHECK(witness.ask(log, first) == "");
  CHECK(witness.ask(log, first) == "old_size");
  CHECK(witness.ask(log, request_of(log, 10)) == "");
  REQUIRE(log.append(numbered_entries(10, 500)));
  CHECK(witness.ask(log, request_of(log, 9)) == "old_size");
  auto changed = request_of(log, 10);
  changed.path.front()[3] ^= std::byte{1};
  CHECK(witness.ask(log, changed) == "inconsistent");
  CHECK(witness.ask(log, request_of(log, 10)) == "");
}

TEST_CASE("a witness does not cosign a second history or a shorter one", "[log]") {
  const MadeLog log("log"), fork("fork");
  Witness witness;
  REQUIRE(log.append(numbered_entries(0, 100)));
  const auto shorter = request_of(log, 0);
  REQUIRE(log.append(numbered_entries(100, 100)));
  CHECK(witness.ask(log, request_of(log, 0)) == "");
  REQUIRE(fork.append(numbered_entries(1, 300)));
  CHECK(witness.ask(log, request_of(fork, 200)) == "inconsistent");
  CHECK(witness.ask(log, request_of(fork, 0)) == "old_size");
  CHECK(witness.ask(log, {200, {}, shorter.checkpoint}) == "inconsistent");
}

TEST_CASE("a witness does not cosign for a log that it does not know", "[log]") {
  const MadeLog log;
  Witness witness;
  const auto other = test::note_signer("other.example", 1);
  CHECK(witness.ask(log, {0, {}, signed_checkpoint({0, crypto::tree_root({})}, other)}) ==
        "log_unknown");
  CHECK(witness.ask(log, {0, {}, signed_checkpoint({0, {}}, log.signer())}) == "inconsistent");
  CHECK(witness.ask(log, request_of(log, 0)) == "");
}

TEST_CASE("a witness refuses to go on from a state that it did not cosign", "[log]") {
  const MadeLog log;
  Witness witness;
  REQUIRE(witness.ask(log, request_of(log, 0)) == "");
  witness.signer = test::note_signer("w.example/1", 8);
  LogReasons reasons;
  const Policy policy = log.policy();
  CHECK_FALSE(cosign(request_of(log, 0), {witness.signer, policy, witness.scratch / "state", kNow},
                     reasons));
}

TEST_CASE("an answer is attached once, and only if it is valid", "[log]") {
  const MadeLog log;
  Witness witness;
  REQUIRE(log.append(numbered_entries(0, 3)));
  REQUIRE(witness.ask(log, request_of(log, 0)) == "");
  const auto policy = Policy::parse(
      cat("log ", log.key().vkey(), "\nwitness w ",
          witness.signer.verifier(crypto::NoteKeyType::cosignature).vkey(), "\nquorum w\n"));
  REQUIRE(policy);
  LogReasons reasons;
  const auto once = attach(log.checkpoint(), witness.line, *policy, reasons);
  REQUIRE((once && *once));
  CHECK((*once)->added == 1);
  CHECK((*once)->note == log.checkpoint() + witness.line);
  const auto trusted = policy->judge(*parse_signed_checkpoint((*once)->note), reasons);
  REQUIRE(trusted);
  CHECK(trusted->witnesses.front().time == kNow);
  const auto twice = attach((*once)->note, witness.line, *policy, reasons);
  CHECK((*twice)->added == 0);
  const auto unknown = crypto::note_signature_line(test::note_signer("v", 3).cosign("x\n", kNow));
  CHECK((*attach(log.checkpoint(), unknown, *policy, reasons))->added == 0);
  REQUIRE(reasons.good());
  REQUIRE(log.append({"more"}));
  CHECK_FALSE(*attach(log.checkpoint(), witness.line, *policy, reasons));
  CHECK(reasons.list.front().code == LogCode::witness_signature);
  CHECK_FALSE(attach(log.checkpoint(), "409 Conflict\n", *policy, reasons));
}

TEST_CASE("a malformed request is refused", "[log][bad-input]") {
  const std::string hash = crypto::to_base64(Bytes(32)) + "\n";
  const auto good = parse_witness_request("old 7\n" + hash + "\nnote");
  REQUIRE(good);
  CHECK(witness_request_text(*good) == "old 7\n" + hash + "\nnote");
  std::string long_path = "old 7\n";
  for (int i = 0; i < 64; ++i) long_path += hash;
  for (const std::string& text :
       std::vector<std::string>{"", "old\n\n", "old 07\n\n", "7\n\n", "old 7\n", "old 7\nAAAA\n\n",
                                long_path + "\n", std::string(kRequestBytesMax + 1, 'x')}) {
    CAPTURE(text.substr(0, 40));
    CHECK_FALSE(parse_witness_request(text));
  }
}

}  // namespace wmk::claims
