#include "cli/scan/scan_plan.h"

#include "cli/scan/scan_header.h"
#include "crypto/key_file.h"
#include "embed/read/score.h"
#include "tests/unit/scratch.h"
#include "verify/claims/judge.h"

namespace wmk::cli {

namespace {

using test::Scratch;

void put_key(const std::filesystem::path& path) {
  REQUIRE(crypto::write_key_file(path, crypto::SecretBytes::random(32), nullptr));
}

std::vector<std::string> shown_of(const std::vector<Suspect>& suspects) {
  std::vector<std::string> out;
  for (const Suspect& each : suspects) out.push_back(each.shown);
  return out;
}

std::string refused(const std::filesystem::path& list) {
  const auto read = read_suspects(list);
  return read ? "" : read.error().message();
}

}  // namespace

TEST_CASE("an answer of a scan is judged at its part of alpha", "[cli][scan]") {
  const Scratch scratch;
  ScanOptions options;
  options.list = scratch.put("list", "a\n\n b \na\nc\n").string();
  for (const char* name : {"one", "two"}) {
    put_key(scratch / name);
    options.keys.push_back(scratch / name);
  }
  options.keys.push_back(scratch / "one");  // once more
  const auto plan = plan_scan(options);
  REQUIRE(plan);
  CHECK(shown_of(plan->asked.suspects) == std::vector<std::string>{"a", "b", "c"});
  CHECK(plan->asked.keys.size() == 2);
  CHECK(plan->alpha_each == Approx(1e-9 / 6).epsilon(1e-12));
  const auto level = [](double z, double alpha) {
    return verify::yes_level(embed::ln_p(z, 448), alpha);
  };
  CHECK(level(7.4, options.detect.alpha) == report::Level::detected);
  CHECK_FALSE(level(7.4, plan->alpha_each));
  CHECK(level(7.6, plan->alpha_each) == report::Level::detected);
  options.records = {scratch.put("record", "nothing").string()};
  CHECK_FALSE(plan_scan(options));
}

TEST_CASE("names of one path are one suspect, and lines with # are comments", "[cli][scan]") {
  const Scratch scratch;
  const auto list =
      scratch.put("list",
                  "\xef\xbb\xbf# of today\nm\nm/\n./m\n .//m/. \r\n#m\n./#m\norg/name\n"
                  "a/../m\n/\n//\n.\nhttp://h/m\nhttp://h/m/\nhf://org/name\ns3://b/m\n");
  const auto suspects = read_suspects(list);
  REQUIRE(suspects);
  CHECK(shown_of(*suspects) == std::vector<std::string>{"m", "#m", "org/name", "a/../m", "/", ".",
                                                        "http://h/m", "http://h/m/",
                                                        "hf://org/name", "s3://b/m"});
  CHECK((*suspects)[1].named == "./#m");
  CHECK(refused(scratch.put("list", "# nothing\n")).find(": contains no suspect") !=
        std::string::npos);
}

TEST_CASE("a line with a NUL, or not in UTF-8, is named before anything is asked", "[cli][scan]") {
  const Scratch scratch;
  CHECK(refused(scratch.put("list", std::string("a\n\nb\0c\n", 7)))
            .ends_with("list: line 3 is a suspect with a NUL byte"));
  CHECK(refused(scratch.put("list", "a\n\xff\n"))
            .ends_with("list: line 2 is a suspect that is not UTF-8"));
}

TEST_CASE("addresses are told apart, and what is secret in them is not shown", "[cli][scan]") {
  const Scratch scratch;
  const auto read = [&](const char* text) { return *read_suspects(scratch.put("list", text)); };
  const auto one = read("http://me:PW@h/m/?sig=SECRET\nhttp://me:PW@h/m/?sig=OTHER\nm\n");
  CHECK(shown_of(one) == std::vector<std::string>{"http://h/m/", "http://h/m/", "m"});
  CHECK(one[0].named == "http://me:PW@h/m/?sig=SECRET");
  const auto two = read("http://me:PW@h/m/?sig=OTHER\nhttp://me:PW@h/m/?sig=SECRET\nm\n");
  const auto key = crypto::SecretBytes::random(32), other = crypto::SecretBytes::random(32);
  CHECK(digest_of_shown(one) == digest_of_shown(two));
  CHECK(digest_of_hidden(one, key) != digest_of_hidden(two, key));
  CHECK(digest_of_hidden(one, key) != digest_of_hidden(one, other));
  CHECK(digest_of_hidden(read("m\nhttp://h/m\n"), key).empty());
  ScanOptions options;
  options.detect.controls = {"http://me:PW@h/m/?sig=SECRET"};
  options.detect.carry.release = options.detect.carry.original = options.detect.controls[0];
  CHECK(options.decisive() == std::vector<std::string>{"readings=usual", "release=http://h/m/",
                                                       "original=http://h/m/",
                                                       "control=http://h/m/"});
}

TEST_CASE("what differs between two scans is said", "[cli][scan]") {
  const std::string own =
      R"({"suspects": 3, "list": "x", "addresses": null, "keys": ["k", "l"], "alpha": 1e-9, )"
      R"("options": ["full"], "digests": [], "program": "weightmark 0.1.0"})";
  const auto with = [&](std::string from, std::string to) {
    std::string out = own;
    for (size_t at = out.find(from); at != out.npos; at = out.npos)
      out.replace(at, from.size(), to);
    return scan_difference(out, own);
  };
  CHECK(with(R"(3, "list": "x")", R"(5, "list": "y")") == "the list (it had 5 suspects)");
  CHECK(with("null", R"("z")") == "the list (it had 3 suspects)");
  CHECK(with(R"(null, "keys": ["k")", R"("z", "keys": ["j")") == "the keys");
  CHECK(with("1e-9", "1e-6") == "alpha");
  CHECK(with("full", "sites=ffn") == "the options");
  CHECK(with(R"(s": [])", R"(s": ["record=1"])") == "what is in the files that options name");
  CHECK(with("0.1.0", "0.2.0") == "the program (it was weightmark 0.2.0)");
  CHECK(with(R"("l"], "alpha": 1e-9)", R"("m"], "alpha": 1)") == "the keys and alpha");
  CHECK(scan_difference("{", own) == "the first line");
}

}  // namespace wmk::cli
