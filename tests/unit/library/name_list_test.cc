#include "library/models/name_list.h"

#include "library/models/licensee_ids.h"
#include "tests/unit/scratch.h"

namespace wmk::library {

TEST_CASE("a byte order mark is no part of the first id of a list", "[library]") {
  const test::Scratch scratch;
  const auto ids = read_licensees(scratch.put("ids",
                                              "\xef\xbb\xbf"
                                              "acme\r\n#1\nacme\n"));
  REQUIRE(ids);
  CHECK(*ids == std::vector<std::string>{"acme", "#1"});
}

TEST_CASE("a name with a NUL is refused, and its place said", "[library]") {
  const test::Scratch scratch;
  const auto in_file = read_licensees(scratch.put("ids", std::string("a\nb\0\n", 5)));
  REQUIRE_FALSE(in_file);
  CHECK(in_file.error().message().ends_with("ids: line 2 is a licensee id with a NUL byte"));
  const std::vector<std::string_view> names = {"a", "b", std::string_view("c\0", 2)};
  const auto given = distinct_names(names, "licensee id");
  REQUIRE_FALSE(given);
  CHECK(given.error().message() == "entry 3 is a licensee id with a NUL byte");
}

}  // namespace wmk::library
