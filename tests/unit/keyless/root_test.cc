// The trusted root: what is read and what is refused; its times.
#include "base/text.h"
#include "sign/keyless/trusted_root.h"
#include "tests/unit/keyless/keyless_model.h"

namespace wmk::sign::test {

namespace {

constexpr std::string_view kValid = R"("validFor":{"start":"2024-01-01T00:00:00Z"})";

std::string all_replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

TEST_CASE("a trusted root is read with the names and times of its keys", "[keyless]") {
  const auto root = TrustedRoot::parse(all_replaced(
      shared_instance().trusted_root(), kValid,
      R"("validFor":{"start":"2024-01-01T00:00:00.5Z","end":"2024-01-01T01:00:00.9+01:00"})"));
  REQUIRE(root);
  REQUIRE(root->logs.size() == 2);
  CHECK(root->logs[1].name == "log2.example.org");
  CHECK(root->logs[1].operator_name == "log2.example.org");
  CHECK(root->certificate_logs.size() == 1);
  REQUIRE(root->authorities.size() == 1);
  CHECK(root->authorities[0].certificates.size() == 2);
  CHECK(root->timestamp_authorities[0].valid.start == 1'704'067'201);
  CHECK(root->timestamp_authorities[0].valid.end == 1'704'067'200);
  const auto named = TrustedRoot::parse(all_replaced(
      shared_instance().trusted_root(), R"("baseUrl")", R"("operator":"o","baseUrl")"));
  REQUIRE(named);
  CHECK(named->logs[0].operator_name == "o");
  CHECK(named->authorities[0].operator_name == "fulcio.example.org");
}

TEST_CASE("a trusted root without a start of validity is refused", "[keyless][bad-input]") {
  const std::string good = shared_instance().trusted_root();
  CHECK(TrustedRoot::parse(good));
  for (size_t at = 0; (at = good.find(kValid, at)) != std::string::npos; ++at) {
    for (const std::string_view range :
         {R"("validFor":{})", R"("a":0)", R"("validFor":{"start":null})",
          R"("validFor":{"start":"yesterday"})",
          R"("validFor":{"start":"2024-01-01T00:00:00Z","end":""})",
          R"("validFor":{"end":"2024-01-01T00:00:00Z"})"}) {
      std::string changed = good;
      CHECK_FALSE(TrustedRoot::parse(changed.replace(at, kValid.size(), range)));
    }
  }
}

TEST_CASE("an end of validity may be null, as some programs write it", "[keyless]") {
  const auto root = TrustedRoot::parse(
      all_replaced(shared_instance().trusted_root(), "00Z\"}", "00Z\",\"end\":null}"));
  REQUIRE(root);
  CHECK_FALSE(root->logs[0].valid.end);
}

TEST_CASE("a damaged trusted root is an error", "[keyless][bad-input]") {
  const std::string good = shared_instance().trusted_root();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"version=0.1", "version=1"},
           {R"("mediaType")", R"("mediaTipe")"},
           {R"("tlogs":[)", R"("tlogs":[0,)"},
           {R"("tlogs":[)", R"("tlogs":{},"a":[)"},
           {R"("logId")", R"("logIdea")"},
           {R"("keyId":")", R"("keyId":"*)"},
           {R"("publicKey")", R"("publicKeys")"},
           {R"("certChain")", R"("chain")"},
           {R"("certificates":[{"rawBytes":")", R"("certificates":[{"rawBytes":"AAAA)"},
           {R"("certificates":[)", R"("certificates":[0,)"},
           {R"("tlogs")", R"("tlogs":[],"tlogs")"}}) {
    CAPTURE(from, to);
    CHECK_FALSE(TrustedRoot::parse(replaced(good, from, to)));
  }
  CHECK_FALSE(TrustedRoot::parse("[]"));
  CHECK_FALSE(TrustedRoot::parse(""));
}

TEST_CASE("a log whose kind of key is unknown is left out", "[keyless]") {
  const std::string good = shared_instance().trusted_root();
  const std::string key = crypto::to_base64(public_der(shared_instance().first_rekor));
  for (const std::string& other :
       {std::string("AAAA"), crypto::to_base64(public_der(rsa_key(1024))),
        key.substr(0, key.size() - 4)}) {
    const auto root = TrustedRoot::parse(replaced(good, key, other));
    REQUIRE(root);
    CHECK(root->logs.size() == 1);
  }
  const auto root =
      TrustedRoot::parse(replaced(good, key, crypto::to_base64(public_der(rsa_key(2048)))));
  REQUIRE(root);
  CHECK(root->logs.size() == 2);
}

TEST_CASE("times are read as RFC 3339 writes them, and nothing else", "[keyless][bad-input]") {
  const auto down = [](std::string_view text) { return parse_time(text, Rounding::down); };
  CHECK(down("1970-01-01T00:00:00Z") == 0);
  CHECK(down("2022-12-31T23:59:59.999Z") == 1'672'531'199);
  CHECK(parse_time("2022-12-31T23:59:59.999Z", Rounding::up) == 1'672'531'200);
  CHECK(parse_time("2022-12-31T23:59:59.000Z", Rounding::up) == 1'672'531'199);
  CHECK(down("2023-01-01T01:29:59+01:30") == 1'672'531'199);
  CHECK(down("2022-12-31T22:59:59-01:00") == 1'672'531'199);
  CHECK(down("2024-02-29T00:00:00Z") == 1'709'164'800);
  for (const std::string_view text :
       {"", "2024", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zz", "2024-01-01T00:00:00+1:00",
        "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+01:60", "-024-01-01T00:00:00Z",
        "2024-01-01T00:00:00+0100"}) {
    CAPTURE(text);
    CHECK_FALSE(down(text));
  }
}

}  // namespace wmk::sign::test
