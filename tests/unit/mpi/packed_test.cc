// Values as bytes: what is packed comes back, and what is cut off is refused.
#include "mpi/packed.h"

#include <catch2/catch.hpp>
#include <limits>

#include "mpi/shared_tasks.h"

namespace wmk::mpi {
namespace {

struct Inner {
  std::vector<double> values;
  bool flag = false;
  bool operator==(const Inner&) const = default;
};
template <class Visit>
void fields(Inner& inner, Visit& visit) {
  visit(inner.values);
  visit(inner.flag);
}

struct Outer {
  uint64_t number = 0;
  std::array<Inner, 2> pair;
  std::vector<Inner> list;
  std::optional<double> some, none;
  bool operator==(const Outer&) const = default;
};
template <class Visit>
void fields(Outer& outer, Visit& visit) {
  visit(outer.number);
  visit(outer.pair);
  visit(outer.list);
  visit(outer.some);
  visit(outer.none);
}

Outer example() {
  Outer out;
  out.number = 1u << 31;
  out.pair[1] = {{-0.0, std::numeric_limits<double>::infinity()}, true};
  out.list = {{{}, false}, {{1.5}, true}};
  out.some = 0.1;
  return out;
}

}  // namespace

TEST_CASE("what is packed comes back", "[mpi]") {
  Outer back;
  REQUIRE(unpack(packed(example()), back));
  CHECK(back == example());
}

TEST_CASE("packed values that are cut off, or too long, are refused", "[mpi][bad-input]") {
  const std::string bytes = packed(example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    Outer back;
    CHECK_FALSE(unpack(std::string_view(bytes).substr(0, size), back));
  }
  Outer back;
  CHECK_FALSE(unpack(bytes + '\0', back));
  const std::string huge = packed(std::numeric_limits<uint64_t>::max()) + "few";
  std::vector<Inner> list;
  CHECK_FALSE(unpack(huge, list));
}

TEST_CASE("tasks that are not shared are all done, and their error is the stage's", "[mpi]") {
  std::vector<size_t> squares(10);
  REQUIRE(for_tasks(false, 3, squares, [&](size_t i) -> Status {
    squares[i] = i * i;
    return {};
  }));
  CHECK(squares[9] == 81);
  const Status failed = for_tasks(false, 3, squares, [&](size_t i) -> Status {
    return i == 4 ? Status(malformed("the fifth")) : Status();
  });
  CHECK(failed.error().message() == "the fifth");
}

}  // namespace wmk::mpi
