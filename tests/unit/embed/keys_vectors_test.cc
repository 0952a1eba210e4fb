// Keys, streams, pairs, carriers and codes: exactly those of the second implementation.
#include <algorithm>

#include "crypto/blake2b.h"
#include "embed/read/score.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/structure.h"
#include "tests/unit/embed/mark_vectors.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

StructureRole role_of(json::Value entry) {
  return text_at(entry, "of") == "trace" ? StructureRole::trace : StructureRole::share;
}

// Pairs and carriers do not depend on the frame's values.
Structure frameless(json::Value entry) {
  const size_t d = count_at(entry, "d");
  return make_structure({secret_at(entry, "key"), role_of(entry)},
                        Frame{count_at(entry, "r"), d, {}}, std::nullopt);
}

WipedVector<int8_t> signs_of_hex(const std::string& hex) {
  const Bytes bytes = from_hex(hex).value();
  WipedVector<int8_t> out;
  for (std::byte byte : bytes) {
    for (int bit = 0; bit < 8; ++bit) out.push_back(std::to_integer<int>(byte >> bit) & 1 ? 1 : -1);
  }
  return out;
}

}  // namespace

TEST_CASE("share, trace, tag frame and licensee keys are those of the reference",
          "[embed][vectors]") {
  const auto document = mark_vectors("keys");
  size_t checked = 0;
  for (const json::Value entry : at(document.root(), "keys")) {
    const auto master = secret_at(entry, "master");
    const auto shares = texts_at(entry, "shares");
    REQUIRE(shares.size() == kSharesMax);
    for (unsigned i = 0; i < kSharesMax; ++i) {
      CHECK(to_hex(share_key(master, i).reveal()) == shares[i]);
    }
    const auto trace = trace_key(master);
    CHECK(to_hex(trace.reveal()) == text_at(entry, "trace"));
    CHECK(to_hex(tag_frame_key(trace).reveal()) == text_at(entry, "tags"));
    for (const json::Value licensee : at(entry, "licensees")) {
      const auto key = secret_at(licensee, "key");
      CHECK(licensee_code(trace, text_at(licensee, "id")) == stream_signs(key, "code", kCodeBits));
      ++checked;
    }
  }
  CHECK(checked >= 18);
}

TEST_CASE("signs are the bits of a stream, least significant first", "[embed][vectors]") {
  const auto document = mark_vectors("streams");
  const auto key = secret_at(document.root(), "key");
  for (const json::Value entry : at(document.root(), "streams")) {
    const auto expected = signs_of_hex(text_at(entry, "bytes"));
    const auto purpose = text_at(entry, "purpose");
    CHECK(stream_signs(key, purpose, expected.size()) == expected);
    // A count that is not a multiple of 8 gives a prefix of a longer stream.
    CHECK(stream_signs(key, purpose, 13) ==
          WipedVector<int8_t>(expected.begin(), expected.begin() + 13));
  }
}

TEST_CASE("sizes, pairs, carriers and closed entries are those of the reference",
          "[embed][vectors]") {
  const auto document = mark_vectors("streams");
  size_t closed = 0;
  for (const json::Value entry : at(document.root(), "structures")) {
    const Structure structure = frameless(entry);
    CAPTURE(text_at(entry, "of"), count_at(entry, "d"));
    CHECK(structure.sizes.r == count_at(entry, "r"));
    CHECK(structure.sizes.m == count_at(entry, "m"));
    CHECK(structure.sizes.tag_rows == count_at(entry, "tag_rows"));
    for (VectorKind kind : kVectorKinds) {
      const auto pairs = at(at(entry, "pairs"), to_string(kind));
      const auto a = numbers_at<uint16_t>(pairs, "a");
      const auto b = numbers_at<uint16_t>(pairs, "b");
      REQUIRE(structure.pairs[kind].size() == a.size());
      for (size_t j = 0; j < a.size(); ++j) {
        CHECK(structure.pairs[kind][j].a == a[j]);
        CHECK(structure.pairs[kind][j].b == b[j]);
      }
      const auto rows = signs_at(at(entry, "carrier_rows"), to_string(kind));
      const auto signs = carrier(structure, kind);
      REQUIRE(signs.size() == structure.entries());
      CHECK(std::equal(rows.begin(), rows.end(), signs.begin()));
      closed += static_cast<size_t>(std::count(rows.begin(), rows.end(), int8_t{0}));
    }
  }
  CHECK(closed > 0);
}

TEST_CASE("an entry is closed exactly where a share's carrier is zero", "[embed][vectors]") {
  const auto document = mark_vectors("streams");
  for (const json::Value entry : at(document.root(), "structures")) {
    const Structure structure = frameless(entry);
    for (VectorKind kind : kVectorKinds) {
      std::vector<double> ones(structure.entries(), 1.0);
      close_entries(structure, kind, ones);
      const auto signs = carrier(structure, kind);
      size_t disagree = 0, closed = 0;
      for (size_t e = 0; e < ones.size(); ++e) {
        disagree += (ones[e] == 0) != (signs[e] == 0);
        closed += ones[e] == 0;
      }
      CHECK(disagree == 0);
      // A tag closes its two coordinates, or one if they are equal; the trace closes none.
      CHECK(closed <= 2 * structure.sizes.m);
      CHECK((closed >= structure.sizes.m) == structure.closes_entries());
    }
  }
}

TEST_CASE("sizes follow the largest power of two in half of the width", "[embed]") {
  struct Row {
    size_t d, share_r, m, trace_r;
  };
  for (const Row& row :
       {Row{2, 1, 1, 1}, Row{3, 1, 1, 1}, Row{32, 16, 16, 16}, Row{255, 64, 64, 64},
        Row{256, 128, 128, 128}, Row{576, 128, 128, 256}, Row{896, 128, 128, 256},
        Row{2048, 128, 128, 1024}, Row{8192, 128, 128, 1024}}) {
    CAPTURE(row.d);
    const Sizes share = structure_sizes(row.d, StructureRole::share);
    CHECK((share.r == row.share_r && share.m == row.m && share.tag_rows == row.share_r));
    const Sizes trace = structure_sizes(row.d, StructureRole::trace);
    CHECK((trace.r == row.trace_r && trace.m == row.m && trace.tag_rows == row.share_r));
  }
}

TEST_CASE("licensee codes and block sums are those of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("licensee");
  const json::Value root = document.root();
  const size_t d = count_at(root, "d");
  const Structure trace =
      make_structure({secret_at(root, "key"), StructureRole::trace},
                     Frame{count_at(root, "r"), d, {}}, Frame{count_at(root, "r"), d, {}});
  REQUIRE(trace.sizes.m == count_at(root, "m"));
  std::vector<WipedVector<int8_t>> codes;
  for (const json::Value entry : at(root, "licensees")) {
    codes.push_back(licensee_code(trace.key, text_at(entry, "id")));
    CHECK(codes.back() == signs_of_hex(text_at(entry, "code")));
  }
  // V is noise plus an eighth of the first licensee's carriers.
  const auto noise = uniform(11, kVectorKindCount * trace.entries());
  PerKind<std::vector<double>> v;
  for (VectorKind kind : kVectorKinds) {
    const auto rows = signs_at(at(root, "carriers_of_first"), to_string(kind));
    WipedVector<int8_t> signs = carrier(trace, kind);
    for (size_t e = 0; e < signs.size(); ++e) {
      const size_t number = index_of(kind) * trace.entries() + e;
      signs[e] = static_cast<int8_t>(signs[e] * codes[0][number % kCodeBits]);
      v[kind].push_back(noise[number] + 0.125 * signs[e]);
    }
    CHECK(std::equal(rows.begin(), rows.end(), signs.begin()));
  }
  const auto sums = block_sums(trace, v);
  CHECK(distance(sums, numbers_at<double>(root, "block_sums")) < 1e-5);
  size_t next = 0;
  for (const json::Value entry : at(root, "licensees")) {
    double product = 0, squares = 0;
    for (size_t l = 0; l < kCodeBits; ++l) {
      product += codes[next][l] * sums[l];
      squares += sums[l] * sums[l];
    }
    CHECK(product / std::sqrt(squares) == Approx(number_at(entry, "z")).margin(1e-4));
    ++next;
  }
}

}  // namespace wmk::embed
