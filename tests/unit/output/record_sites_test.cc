// The sites of a mark in its record.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "embed/scheme/record.h"
#include "proto/mark_record.pb.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

constexpr std::string_view kRecordLine = "weightmark mark record, version 1\n";

MarkRecord record_with_sites() {
  MarkRecord record;
  record.strength = 0.0031;
  record.shares = 2;
  record.weights = 79'626'240;
  record.width = 4;
  record.string_labels = false;
  record.frames = {{"share/0", {2, 4, {1, 0, 0, 0, 0, 1, 0, 0}}},
                   {"share/1", {2, 4, {0, 0, 0, -1, 0.5f, 0.25f, 1e-30f, 3}}}};
  record.read_back = {39'813'120, {19.25, 21.5}, 28.75, 1.125};
  record.release_digest = std::string(32, 'x');
  record.sites = all_sites();
  record.output_pairs = 16;
  record.output_rows = 49'152;
  return record;
}

}  // namespace

TEST_CASE("the sites of a mark record come back as they were written", "[embed][record]") {
  Scratch scratch;
  MarkRecord record = record_with_sites();
  record.site_read_backs = {{Site::heads, 1000, {12.5, 13}, 18}, {Site::output, 77, {1, 2}, 2.5}};
  must(write_record(scratch / "r", record, false));
  const MarkRecord back = must(read_record(scratch / "r"));
  CHECK(back.sites == all_sites());
  CHECK(back.output_pairs == 16);
  CHECK(back.output_rows == 49'152);
  REQUIRE(back.site_read_backs.size() == 2);
  CHECK(back.site_read_backs[0].site == Site::heads);
  CHECK(back.site_read_backs[0].weights == 1000);
  CHECK(back.site_read_backs[0].z == std::vector{12.5, 13.0});
  CHECK(back.site_read_backs[0].total == 18);
  CHECK(back.site_read_backs[1].site == Site::output);

  record.sites = {{false, true, false}};
  record.site_read_backs.pop_back();
  must(write_record(scratch / "r", record, true));
  const MarkRecord heads = must(read_record(scratch / "r"));
  CHECK(heads.sites == record.sites);
  CHECK(heads.read_back.weights == 0);
  CHECK(heads.output_pairs == 0);
}

TEST_CASE("impossible sites in a mark record are malformed", "[embed][record][bad-input]") {
  MarkRecord record = record_with_sites();
  record.site_read_backs = {{Site::output, 77, {1, 2}, 2.5}};
  Scratch scratch;
  must(write_record(scratch / "good", record, false));
  proto::MarkRecord good;
  REQUIRE(good.ParseFromString(content_of(scratch / "good").substr(kRecordLine.size())));
  const auto damage = [&](const auto& change, std::string_view words) {
    proto::MarkRecord message = good;
    change(message);
    const std::string bytes = cat(kRecordLine, message.SerializeAsString());
    const auto read = read_record(scratch.put("damaged", bytes));
    REQUIRE_FALSE(read);
    CAPTURE(read.error().message(), words);
    CHECK(read.error().code() == ErrorCode::malformed);
    CHECK(read.error().message().find(words) != std::string::npos);
  };
  damage([](auto& m) { m.clear_sites(); }, "impossible sites");
  damage([](auto& m) { m.set_sites(0, "body"); }, "impossible sites");
  damage([](auto& m) { m.mutable_sites()->SwapElements(0, 1); }, "impossible sites");
  damage([](auto& m) { m.clear_output(); }, "impossible sites");
  damage([](auto& m) { m.mutable_output()->set_pairs(12); }, "impossible sites");
  damage([](auto& m) { m.mutable_output()->set_pairs(128); }, "impossible sites");
  damage([](auto& m) { m.mutable_output()->set_rows(0); }, "impossible sites");
  damage([](auto& m) { m.mutable_sites()->RemoveLast(); }, "impossible sites");
  damage([](auto& m) { m.clear_read_back(); }, "what was read back");
  damage([](auto& m) { m.mutable_site_read_back(0)->set_site("ffn"); }, "what was read back");
  damage([](auto& m) { *m.add_site_read_back() = m.site_read_back(0); }, "what was read back");
  damage([](auto& m) { m.mutable_site_read_back(0)->add_z(1); }, "what was read back");
  damage([](auto& m) { m.mutable_site_read_back(0)->set_weights(0); }, "what was read back");
}

}  // namespace wmk::embed
