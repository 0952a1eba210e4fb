// Policies: quorums, and what is refused.
#include "claims/log/policy.h"

#include <catch2/catch.hpp>

#include "tests/unit/log/made_log.h"

namespace wmk::claims {

namespace {

using crypto::NoteKeyType;
using Names = std::vector<std::string>;

std::string log_vkey() {
  return test::note_signer("log.example", 1).verifier(NoteKeyType::ed25519).vkey();
}
crypto::NoteSigner witness_signer(int number) {
  return test::note_signer(cat("w", number, ".example"), 10 + number);
}
std::string witness_line(int number, std::string_view name) {
  return cat("witness ", name, " ",
             witness_signer(number).verifier(NoteKeyType::cosignature).vkey(), "\n");
}

// The example of C2SP: two of the three X, and one of the three Y.
std::string two_groups() {
  std::string out = cat("# a comment\n\n \t\nlog ", log_vkey(), " https://log.example/\n");
  for (int i = 1; i <= 3; ++i) out += witness_line(i, cat("X", i));
  out += "group X-witnesses 2 X1 X2 X3\n";
  for (int i = 4; i <= 6; ++i) out += witness_line(i, cat("Y", i - 3));
  return out +
         "group Y-witnesses any Y1 Y2 Y3\n\tgroup X-and-Y  all X-witnesses\tY-witnesses \n"
         "quorum X-and-Y\n";
}

bool is_quorum(const Policy& policy, const Names& names) {
  std::vector<Cosigned> witnesses;
  for (const std::string& name : names) witnesses.push_back({name, 0});
  return policy.is_quorum(witnesses);
}

}  // namespace

TEST_CASE("a quorum of groups needs enough members of each", "[log]") {
  const auto policy = Policy::parse(two_groups());
  REQUIRE(policy);
  CHECK(policy->logs().size() == 1);
  CHECK(policy->logs()[0].url == "https://log.example/");
  CHECK(policy->witnesses().size() == 6);
  CHECK(is_quorum(*policy, {"X1", "X3", "Y2"}));
  CHECK(is_quorum(*policy, {"X1", "X2", "X3", "Y1", "Y2", "Y3"}));
  CHECK_FALSE(is_quorum(*policy, {"X1", "Y1", "Y2", "Y3"}));
  CHECK_FALSE(is_quorum(*policy, {"X1", "X2", "X3"}));
  CHECK_FALSE(is_quorum(*policy, {}));
}

TEST_CASE("a policy may need no witness, or one", "[log]") {
  CHECK(is_quorum(*Policy::parse("quorum none\n"), {}));
  const auto one = Policy::parse(witness_line(1, "w") + "quorum w\n");
  REQUIRE(one);
  CHECK(is_quorum(*one, {"w"}));
  CHECK_FALSE(is_quorum(*one, {"v"}));
}

TEST_CASE("a checkpoint needs its log and the quorum, and no wrong signature", "[log]") {
  const auto policy = Policy::parse(two_groups());
  const auto log = test::note_signer("log.example", 1);
  const std::string text = crypto::checkpoint_text({"log.example", {0, crypto::tree_root({})}, {}});
  const auto judged = [&](const std::vector<crypto::NoteSignature>& signatures) {
    LogReasons reasons;
    const auto trusted =
        policy->judge({{text, signatures}, *crypto::parse_checkpoint(text)}, reasons);
    return trusted ? std::string("good") : std::string(to_string(reasons.list.front().code));
  };
  const auto x1 = witness_signer(1).cosign(text, 5), x2 = witness_signer(2).cosign(text, 6),
             y1 = witness_signer(4).cosign(text, 7);
  auto wrong = y1;
  wrong.bytes.back() ^= std::byte{1};
  CHECK(judged({log.sign(text), x1, x2, y1}) == "good");
  CHECK(judged({log.sign(text), x1, y1}) == "quorum");
  CHECK(judged({x1, x2, y1}) == "log_unknown");
  CHECK(judged({log.sign("other\n"), x1, x2, y1}) == "log_signature");
  CHECK(judged({log.sign(text), x1, x2, y1, wrong}) == "witness_signature");
  CHECK(judged({log.sign(text), x1, x2, y1, test::note_signer("v", 99).cosign(text, 1)}) == "good");
}

TEST_CASE("a log cannot speak for another origin", "[log]") {
  const auto other = test::note_signer("other.example", 1);
  const auto policy = Policy::of_log(other.verifier(NoteKeyType::ed25519));
  const std::string text = crypto::checkpoint_text({"log.example", {0, crypto::tree_root({})}, {}});
  LogReasons reasons;
  CHECK_FALSE(policy.judge({{text, {other.sign(text)}}, *crypto::parse_checkpoint(text)}, reasons));
  CHECK(reasons.list.front().code == LogCode::log_unknown);
}

TEST_CASE("a malformed policy is refused", "[log][bad-input]") {
  const std::string w1 = witness_line(1, "w1"), w2 = witness_line(2, "w2");
  const std::string both = w1 + w2, key = log_vkey(), quorum = "quorum none\n";
  REQUIRE(Policy::parse(both + quorum));
  for (const std::string& text : std::vector<std::string>{
           "",
           both,
           both + "quorum w1",
           both + "quorum none\nquorum none\n",
           both + "quorum w3\n",
           "quorum w1\n" + both,
           both + "quorum\n",
           both + "quorum w1 w2\n",
           w1 + w1 + quorum,
           w1 + witness_line(1, "again") + quorum,
           w1 + witness_line(2, "w1") + quorum,
           witness_line(1, "none") + quorum,
           cat("log ", key, "\nlog ", key, "\n", quorum),
           cat("log ", key, " a b\n", quorum),
           cat("witness w ", key, "\n", quorum),
           "log x\n" + quorum,
           cat("log ", key, "\nwitness w ",
               test::note_signer("w", 1).verifier(NoteKeyType::cosignature).vkey(), "\n", quorum),
           both + "group g 0 w1\n" + quorum,
           both + "group g 2 w1\n" + quorum,
           both + "group g 01 w1 w2\n" + quorum,
           both + "group g any\n" + quorum,
           both + "group g any w1 w1\n" + quorum,
           both + "group g any w1\ngroup h any w1\n" + quorum,
           both + "group g any g\n" + quorum,
           both + "group w1 any w2\n" + quorum,
           both + "group g any none\n" + quorum,
           both + "group g some w1\n" + quorum,
           both + "rule x\n" + quorum,
           both + "quorum none\r\n",
           both + "#\x7F\n" + quorum,
           std::string(kPolicyBytesMax + 1, '#')}) {
    CAPTURE(text);
    CHECK_FALSE(Policy::parse(text));
  }
}

TEST_CASE("a policy has room for 32 logs, witnesses and groups, and a limit", "[log][bad-input]") {
  std::string text;
  for (int i = 0; i < 32; ++i) {
    text +=
        cat("log ", test::note_signer("log.example", 100 + i).verifier(NoteKeyType::ed25519).vkey(),
            "\n", witness_line(i, cat("w", i)), "group g", i, " any w", i, "\n");
  }
  CHECK(Policy::parse(text + "quorum g31\n"));
  std::string many;
  for (size_t i = 0; i <= kPolicyLinesMax; ++i) many += cat("group g", i, " any g\n");
  CHECK_FALSE(Policy::parse(many));
}

}  // namespace wmk::claims
