// A model whose detection is divided among processes.
#pragma once

#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"
#include "verify/detect.h"

namespace wmk::verify {

using namespace wmk::test;

inline const TinySizes kPartSizes = {
    .width = 64, .vocabulary = 500, .layers = 5, .units = 740, .seed = 9};

// A marked model whose list of readings is that of a suspect.
struct SplitModel {
  Scratch scratch;
  crypto::SecretBytes key = test_key("owner"), wrong_key = test_key("wrong");

  explicit SplitModel(const char* architecture = "llama") {
    std::filesystem::create_directory(scratch / "plain");
    write_tiny_model(scratch / "plain", architecture, kPartSizes);
    mark(open_model(scratch / "plain"), key, scratch / "marked", {.strength = 0.03, .shares = 2});
  }
  Detection read(const crypto::SecretBytes& master, embed::PartSums* sums,
                 ReadingScope scope = ReadingScope::usual) {
    checkpoint::ReadingList list({scratch / "marked"});
    DetectRequest request{.master = &master, .full = true};
    request.readings = scope;
    request.parts = sums;
    return must(detect(list, request));
  }
  embed::SumsByName part(const crypto::SecretBytes& master, unsigned part, unsigned parts) {
    embed::PartSums sums(part, parts);
    (void)read(master, &sums);
    CHECK(sums.faults().empty());
    return sums.own();
  }
  embed::PartSums merged(const crypto::SecretBytes& master, unsigned parts,
                         const std::function<void(embed::SumsByName&)>& edit = {}) {
    embed::PartSums out = embed::PartSums::merge_of(parts);
    for (unsigned i = parts; i > 0; --i) {
      embed::SumsByName sums = part(master, i, parts);
      if (edit && i == 1) edit(sums);
      must(out.add(sums));
    }
    return out;
  }
};

inline void check_equal(const Detection& a, const Detection& b) {
  CHECK(a.level == b.level);
  CHECK(a.z == b.z);
  CHECK(a.ln_p == b.ln_p);
  CHECK(a.length == b.length);
  CHECK(a.bytes_read == b.bytes_read);
  CHECK(a.weights_read == b.weights_read);
  CHECK(a.expected_z == b.expected_z);
  CHECK(a.reading_words == b.reading_words);
  CHECK((a.doubt ? a.doubt->text : "") == (b.doubt ? b.doubt->text : ""));
  REQUIRE(a.tried.size() == b.tried.size());
  for (size_t i = 0; i < a.tried.size(); ++i) {
    CAPTURE(i, a.tried[i].reading);
    CHECK(a.tried[i].z == b.tried[i].z);
    CHECK(a.tried[i].part == b.tried[i].part);
    CHECK(a.tried[i].fault == b.tried[i].fault);
    CHECK(a.tried[i].hypothesis.place == b.tried[i].hypothesis.place);
  }
  REQUIRE(a.sites.size() == b.sites.size());
  for (size_t i = 0; i < a.sites.size(); ++i) CHECK(a.sites[i].z == b.sites[i].z);
}

}  // namespace wmk::verify
