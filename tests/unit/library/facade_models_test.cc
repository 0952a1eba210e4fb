// The facade on models as they are: inspect.
#include "tests/unit/library/facade_case.h"

namespace weightmark {
namespace {

using test::Case;
using test::value;

uint64_t tensors_in(const std::vector<TensorCount>& counts) {
  uint64_t out = 0;
  for (const TensorCount& each : counts) out += each.tensors;
  return out;
}

}  // namespace

TEST_CASE("an inspection says what a model holds and which sites can carry a mark", "[library]") {
  Case test;
  const Inspection files = value(inspect({test.path("model")}));
  CHECK(files.family == "llama");
  CHECK(files.layers == 2);
  CHECK(files.width == 64);
  CHECK(files.units == 1800);
  CHECK(files.weights == 1800 * 3 * 64);
  CHECK(files.vocabulary == 300);
  CHECK(files.tensors.size() == test.tensors.size());
  CHECK(tensors_in(files.roles) == files.tensors.size());
  CHECK(tensors_in(files.dtypes) == files.tensors.size());
  REQUIRE(files.sites.size() == 3);
  CHECK(files.sites[0].site == "ffn");
  CHECK(files.sites[0].not_marked.empty());
  CHECK(files.sites[0].expected_z > 0);
  CHECK(files.skipped.empty());

  const Inspection memory = value(inspect(test.in_memory()));
  CHECK(memory.parameters == files.parameters);
  CHECK(memory.bytes == files.bytes);
  CHECK(memory.sites[0].expected_z == files.sites[0].expected_z);
  CHECK(memory.labels == files.labels);
}

TEST_CASE("tensors without a role are named, and a model without neurons is an error",
          "[library]") {
  Case test;
  Model memory = test.in_memory();
  std::vector<float> data(6);
  memory.tensors.push_back({"something.else", "F32", {2, 3}, data.data(), 24});
  const Inspection found = value(inspect(memory));
  CHECK(found.tensors.back().name == "something.else");
  CHECK(found.tensors.back().role == "unrecognised");
  CHECK(found.tensors.back().shape == std::vector<uint64_t>{2, 3});
  memory.tensors = {memory.tensors.back()};
  CHECK(inspect(memory).error().kind == ErrorKind::unsupported);
  CHECK(inspect({test.path("nothing")}).error().kind == ErrorKind::io);
}

}  // namespace weightmark
