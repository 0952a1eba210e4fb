#include "lineage/forensics/notice_comparison.h"

#include <catch2/catch.hpp>

#include "tests/unit/scratch.h"

namespace wmk::test {

TEST_CASE("notices of the suspect are compared with those of the reference") {
  Scratch suspect, reference;
  suspect.put("NOTICE", "Copyright 2024 The Other Team\n");
  suspect.put("README.md", "license: mit\nbase_model: other/base\n");
  reference.put("LICENSE", "Terms\n\nCopyright 2024 The Other Team\n");
  const auto b = checkpoint::find_notices(suspect.folder());
  const auto a = checkpoint::find_notices(reference.folder());
  REQUIRE(b);
  REQUIRE(a);
  const auto found = lineage::compare_notices(*b, *a);
  REQUIRE(found.size() == 4);
  // One line is both a copyright and the title of a licence file; the same text of another kind
  // does not match.
  CHECK(found[0].names == "The Other Team");
  REQUIRE(found[0].in_reference);
  CHECK(found[0].in_reference->file == "LICENSE");
  CHECK(found[0].in_reference->line == 3);
  CHECK(found[1].notice.kind == checkpoint::NoticeKind::licence);
  CHECK_FALSE(found[1].in_reference);
  CHECK(found[2].names.empty());
  CHECK(found[3].names == "other/base");
}

}  // namespace wmk::test
