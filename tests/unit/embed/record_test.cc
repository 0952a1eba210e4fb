// The mark record: it is read as it was written, and damage is reported.
#include "embed/scheme/record.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

#include "crypto/key_file.h"
#include "embed/scheme/label_set.h"
#include "embed/scheme/release_digest.h"
#include "proto/mark_record.pb.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr std::string_view kFirstLine = "weightmark mark record, version 1\n";

std::string record_digest() { return std::string(32, '\x5a'); }

MarkRecord sample() {
  MarkRecord record;
  record.key_fingerprint = "wm1vems6kzna5zvqerf3kjugagvhluah247";
  record.strength = 0.0031;
  record.shares = 2;
  record.weights = 79'626'240;
  record.units = 46'080;
  record.width = 4;
  record.family = "llama";
  record.frames = {{"share/0", {2, 4, {1, 0, 0, 0, 0, 1, 0, 0}}},
                   {"share/1", {2, 4, {0, 0, 0, -1, 0.5f, 0.25f, 1e-30f, 3}}}};
  record.read_back = {39'813'120, {19.25, 21.5}, 28.75, 1.125};
  record.labels = {label_hash("the"), label_hash(" the")};
  std::sort(record.labels.begin(), record.labels.end());
  record.release_digest = record_digest();
  return record;
}

// The sample as a protobuf message, for tests to damage.
proto::MarkRecord message_of(const MarkRecord& record) {
  Scratch scratch;
  must(write_record(scratch / "r", record, false));
  proto::MarkRecord message;
  REQUIRE(message.ParseFromString(content_of(scratch / "r").substr(kFirstLine.size())));
  return message;
}

// The error of reading `content`.
Error refusal(std::string_view content) {
  Scratch scratch;
  auto read = read_record(scratch.put("owner.mark", content));
  REQUIRE_FALSE(read);
  CHECK(read.error().message().starts_with("owner.mark: "));
  return std::move(read).error();
}
Error refusal(const proto::MarkRecord& message) {
  return refusal(std::string(kFirstLine) + message.SerializeAsString());
}

void check_malformed(const Error& error, std::string_view words) {
  CAPTURE(error.message(), words);
  CHECK(error.code() == ErrorCode::malformed);
  CHECK(error.message().find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("a mark record comes back as it was written", "[embed][record]") {
  Scratch scratch;
  for (bool licensee : {false, true}) {
    MarkRecord record = sample();
    if (licensee) {
      record.shares = 0;
      record.licensee = "acme \xC3\xA9\n";
      record.string_labels = false;
      record.labels.clear();
      record.frames[0].structure = "trace";
      record.frames[1].structure = "trace/tags";
      record.read_back.z = {28.75};
    }
    must(write_record(scratch / "r", record, licensee));
    const MarkRecord back = must(read_record(scratch / "r"));
    CHECK(back.key_fingerprint == record.key_fingerprint);
    CHECK(back.strength == record.strength);
    CHECK(back.shares == record.shares);
    CHECK(back.weights == record.weights);
    CHECK(back.units == record.units);
    CHECK(back.width == record.width);
    CHECK(back.string_labels == record.string_labels);
    CHECK(back.licensee == record.licensee);
    CHECK(back.family == record.family);
    CHECK(back.read_back.weights == 39'813'120);
    CHECK(back.read_back.z == record.read_back.z);
    CHECK(back.read_back.total == 28.75);
    CHECK(back.read_back.length == 1.125);
    CHECK(back.labels == record.labels);
    CHECK(back.release_digest == record.release_digest);
    REQUIRE(back.frames.size() == 2);
    for (size_t i = 0; i < 2; ++i) {
      const Frame* frame = back.find(record.frames[i].structure);
      REQUIRE(frame);
      CHECK(frame->rows == 2);
      CHECK(frame->width == 4);
      CHECK(frame->values == record.frames[i].frame.values);
    }
    CHECK(back.find("share/2") == nullptr);
  }
}

TEST_CASE("the record of specs/mark-record.md has the bytes of the page", "[embed][record]") {
  Scratch scratch;
  must(write_record(scratch / "r", sample(), false));
  const std::string bytes = content_of(scratch / "r");
  CHECK(bytes.starts_with(kFirstLine));
  CHECK(kFirstLine.size() == 34);
  const auto hex = to_hex(as_bytes(bytes.substr(kFirstLine.size())));
  CHECK(hex.starts_with("0a07" + to_hex(as_bytes("ctss-v1"))));
  CHECK(hex.find("2002") != std::string::npos);
  CHECK(hex.find("3804") != std::string::npos);
  const auto first = hex.find(
      "5a51"
      "0a07" +
      to_hex(as_bytes("share/0")) +
      "1002"
      "1804"
      "2220");
  const auto second = hex.find(
      "5a51"
      "0a07" +
      to_hex(as_bytes("share/1")) +
      "1002"
      "1804"
      "2220");
  REQUIRE((first != std::string::npos && second == first + 2 * 0x53));
  // The first value is 1.0; the digest follows the eight values.
  CHECK(hex.substr(first + 2 * 17, 8) == "0000803f");
  CHECK(hex.substr(first + 2 * 49, 4) == "2a20");
  CHECK(hex.find("6a29"
                 "088080fe12"
                 "1210") != std::string::npos);
  CHECK(hex.ends_with("7220" + to_hex(as_bytes(record_digest())) +
                      "7a10"
                      "5edaab6c90973a2e04b94d9a9a0d819c"
                      "82010366666e"));
}

TEST_CASE("a mark record is readable by its owner only and never overwrites another",
          "[embed][record]") {
  Scratch scratch;
  must(write_record(scratch / "r", sample(), false));
  const auto mode = std::filesystem::status(scratch / "r").permissions();
  CHECK((mode & std::filesystem::perms(077)) == std::filesystem::perms::none);
  const std::string before = content_of(scratch / "r");
  const Status again = write_record(scratch / "r", sample(), false);
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == ErrorCode::invalid_argument);
  CHECK(content_of(scratch / "r") == before);
}

TEST_CASE("what embed writes is the record of that mark", "[embed][record]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", {.width = 32, .vocabulary = 300});
  const MarkableModel model = open_model(scratch / "model");
  const auto key = test_key("owner");
  mark(model, key, scratch / "a", {.strength = 0.02, .shares = 3});
  const MarkRecord owner = must(read_record(record_of(scratch / "a")));
  CHECK(owner.key_fingerprint == crypto::fingerprint(key));
  CHECK((owner.strength == 0.02 && owner.shares == 3));
  CHECK(owner.weights == model.anatomy.weight_count());
  CHECK((owner.units == model.anatomy.unit_count() && owner.width == 32));
  CHECK((owner.string_labels && owner.licensee.empty() && owner.family == "llama"));
  CHECK(owner.labels == label_hashes(model.vocabulary));
  CHECK(owner.labels.size() == 300);
  CHECK(owner.release_digest == must(release_digest(open_model(scratch / "a").checkpoint)));
  const auto structures = share_structures(model, key, 3);
  REQUIRE(owner.frames.size() == 3);
  for (unsigned i = 0; i < 3; ++i) {
    CHECK(owner.frames[i].structure == structure_name(structures[i], i));
    CHECK(owner.frames[i].frame.values == structures[i].frame.values);
  }
  mark(model, key, scratch / "b", {.licensee = "acme"});
  const MarkRecord licensee = must(read_record(record_of(scratch / "b")));
  CHECK((licensee.shares == 0 && licensee.licensee == "acme"));
  CHECK((licensee.frames.size() == 2 && licensee.find("trace") && licensee.find("trace/tags")));
}

TEST_CASE("a truncated or changed mark record is malformed", "[embed][record][bad-input]") {
  Scratch scratch;
  must(write_record(scratch / "r", sample(), false));
  const std::string good = content_of(scratch / "r");
  for (size_t length = 0; length < kFirstLine.size(); ++length) {
    check_malformed(refusal(good.substr(0, length)), "not a mark record of version 1");
  }
  // Protobuf accepts a message that ends between two fields, but one with fewer frames must fail.
  size_t passed = 0;
  for (size_t length = kFirstLine.size(); length < good.size(); ++length) {
    Scratch other;
    const auto read = read_record(other.put("owner.mark", good.substr(0, length)));
    if (!read) CHECK(read.error().code() == ErrorCode::malformed);
    passed += read.has_value();
  }
  CHECK(passed == 0);  // the labels come last
}

TEST_CASE("a flipped bit in a frame of a mark record is malformed", "[embed][record][bad-input]") {
  const proto::MarkRecord good = message_of(sample());
  for (size_t bit = 0; bit < 8 * good.frames(1).values().size(); ++bit) {
    proto::MarkRecord bad = good;
    (*bad.mutable_frames(1)->mutable_values())[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    check_malformed(refusal(bad), "frame 'share/1' does not match its digest");
  }
  proto::MarkRecord bad = good;
  (*bad.mutable_frames(0)->mutable_digest())[31] ^= 1;
  check_malformed(refusal(bad), "frame 'share/0' does not match its digest");
}

TEST_CASE("a mark record with a name that is not UTF-8 is refused by the reader itself",
          "[embed][record][bad-input]") {
  const auto check = [](const auto& change, std::string_view words) {
    proto::MarkRecord message = message_of(sample());
    change(message, "\xff\xfe");
    check_malformed(refusal(message), words);
  };
  check([](auto& it, auto bad) { it.set_key_fingerprint(bad); }, "not named in UTF-8");
  check([](auto& it, auto bad) { it.set_licensee(bad); }, "not named in UTF-8");
  check([](auto& it, auto bad) { it.set_family(bad); }, "not named in UTF-8");
  check([](auto& it, auto bad) { it.set_sites(0, bad); }, "impossible sites");
  check([](auto& it, auto bad) { it.mutable_frames(0)->set_structure(bad); }, "no frame 'share/0'");
}

TEST_CASE("a mark record of another version or scheme is refused", "[embed][record][bad-input]") {
  const auto message = message_of(sample()).SerializeAsString();
  check_malformed(refusal("weightmark mark record, version 2\n" + message),
                  "not a mark record of version 1");
  check_malformed(refusal("weightmark secret key, version 1\n"), "not a mark record of version 1");
  proto::MarkRecord other = message_of(sample());
  other.set_scheme("ctss-v2\n");
  const Error error = refusal(other);
  CHECK(error.code() == ErrorCode::unsupported);
  CHECK(error.message().find("scheme 'ctss-v2\\x0a', not ctss-v1") != std::string::npos);
}

TEST_CASE("impossible numbers in a mark record are malformed", "[embed][record][bad-input]") {
  const proto::MarkRecord good = message_of(sample());
  const auto changed = [&](auto change) {
    proto::MarkRecord bad = good;
    change(bad);
    return refusal(bad);
  };
  using Record = proto::MarkRecord;
  check_malformed(changed([](Record& r) { r.set_width(0); }), "impossible width");
  check_malformed(changed([](Record& r) { r.set_width(1u << 21); }), "impossible width");
  check_malformed(changed([](Record& r) { r.set_shares(5); }), "impossible number of shares");
  for (double strength : {0.0, -1.0, 0.5, std::numeric_limits<double>::quiet_NaN()}) {
    check_malformed(changed([&](Record& r) { r.set_strength(strength); }), "impossible strength");
  }
  check_malformed(changed([](Record& r) { r.set_shares(1); }), "it has 2 frames instead of 1");
  check_malformed(changed([](Record& r) { r.set_shares(0); }), "it has no frame 'trace'");
  check_malformed(changed([](Record& r) { r.set_shares(3); }), "it has 2 frames instead of 3");
  check_malformed(changed([](Record& r) { r.mutable_frames(1)->set_structure("share/0"); }),
                  "it has no frame 'share/1'");
  check_malformed(changed([](Record& r) { r.set_width(8); }), "frame 'share/0' has an impossible");
  check_malformed(changed([](Record& r) { r.mutable_frames(1)->set_rows(0); }), "impossible size");
  check_malformed(changed([](Record& r) { r.mutable_frames(1)->set_rows(4000); }),
                  "impossible size");
  check_malformed(changed([](Record& r) { r.mutable_frames(1)->set_rows(3); }), "is truncated");
  check_malformed(changed([](Record& r) { r.mutable_frames(0)->mutable_values()->pop_back(); }),
                  "frame 'share/0' is truncated");
  const char* numbers = "impossible numbers of what was read back";
  check_malformed(changed([](Record& r) { r.clear_read_back(); }), numbers);
  check_malformed(changed([](Record& r) { r.mutable_read_back()->add_z(1); }), numbers);
  check_malformed(changed([](Record& r) { r.mutable_read_back()->set_weights(1u << 31); }),
                  numbers);
  check_malformed(changed([](Record& r) { r.mutable_read_back()->set_weights(0); }), numbers);
  check_malformed(changed([](Record& r) { r.mutable_read_back()->set_total(0.0 / 0.0); }), numbers);
  check_malformed(changed([](Record& r) { r.mutable_read_back()->set_z(1, 1.0 / 0.0); }), numbers);
  check_malformed(changed([](Record& r) { r.mutable_read_back()->clear_length(); }), numbers);
  check_malformed(changed([](Record& r) { r.mutable_read_back()->set_length(1.0 / 0.0); }),
                  numbers);
  check_malformed(changed([](Record& r) { r.clear_label_hashes(); }), "impossible labels");
  check_malformed(changed([](Record& r) { r.set_labels("ids"); }), "impossible labels");
  check_malformed(changed([](Record& r) { r.mutable_label_hashes()->pop_back(); }),
                  "impossible labels");
  check_malformed(changed([](Record& r) {
                    r.set_label_hashes(r.label_hashes().substr(8) + r.label_hashes().substr(0, 8));
                  }),
                  "its labels are not sorted");
  check_malformed(changed([](Record& r) { r.mutable_release_digest()->pop_back(); }),
                  "it has no digest of the release");
  MarkRecord strange = sample();
  strange.frames[1].frame.values[3] = std::numeric_limits<float>::quiet_NaN();
  check_malformed(refusal(message_of(strange)), "frame 'share/1' is not finite");
}

}  // namespace wmk::embed
