// Marking, detecting and tracing leave no secret pattern in freed memory.
#include "base/text.h"
#include "crypto/blake2b.h"
#include "embed/scheme/keys.h"
#include "stats/bf16/pack.h"
#include "tests/support/freed_memory.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"
#include "verify/trace/trace.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using Secrets = std::vector<FreedMemory::Secret>;

constexpr size_t kSearched = 64;  // signs; so many do not occur by chance
const TinySizes kWipedSizes = {
    .width = 128, .vocabulary = 600, .layers = 2, .units = 256, .seed = 6};

// The first signs of a carrier as floats, and as the marker packs them for products.
void add_floats(const std::string& name, const Structure& structure,
                const WipedVector<float>& signs, Secrets& out) {
  out.push_back({name + "-float", raw_bytes(signs, kSearched)});
  stats::RightOperand columns;
  stats::LeftOperand rows;
  stats::pack_exact(signs.data(), structure.sizes.m, structure.sizes.r, columns);
  stats::transpose(columns, rows);
  out.push_back(
      {name + "-columns", raw_bytes(std::span(columns.word(0, 0), kSearched), kSearched)});
  out.push_back({name + "-rows", raw_bytes(std::span(rows.part(0, 0), 2 * kSearched), kSearched)});
}

// Everything that a structure's key determines, in each form in which it is computed.
void add_secrets(const std::string& name, const Structure& structure,
                 const WipedVector<int8_t>& code, Secrets& out) {
  for (const VectorKind kind : kVectorKinds) {
    const std::string each = cat(name, "-", to_string(kind));
    const auto signs = carrier(structure, kind);
    out.push_back({each, raw_bytes(signs, kSearched)});
    out.push_back({each + "-stream",
                   raw_bytes(crypto::keystream(structure.key, cat("carrier/", to_string(kind)), 64),
                             kSearched)});
    out.push_back({each + "-pairs", raw_bytes(structure.pairs[kind], 16)});
    WipedVector<float> floats;
    for (size_t e = 0; e < signs.size(); ++e) {
      const size_t number = index_of(kind) * signs.size() + e;
      floats.push_back(static_cast<float>(signs[e] * code[number % kCodeBits]));
    }
    add_floats(each, structure, floats, out);
  }
}

}  // namespace

TEST_CASE("a run leaves no carrier and no code and no key stream in freed memory", "[embed]") {
  if (!FreedMemory::is_watched()) {
    WARN("skipped: the sanitizer has its own memory");
    return;
  }
  Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", kWipedSizes);
  const MarkableModel model = open_model(scratch / "model");
  const auto key = test_key("used in this test only");
  Secrets secrets;
  const auto shares = share_structures(model, key, 1);
  add_secrets("share", shares[0], WipedVector<int8_t>(kCodeBits, 1), secrets);
  std::vector<StructureKey> keys;
  keys.push_back({trace_key(key), StructureRole::trace});
  const auto trace = must(make_structures(model.checkpoint, model.anatomy, model.vocabulary.strings,
                                          std::move(keys), 1, nullptr));
  const auto code = licensee_code(trace[0].key, "somebody");
  add_secrets("licensee", trace[0], code, secrets);
  secrets.push_back({"code", raw_bytes(code, kSearched)});
  {
    FreedMemory freed(secrets);
    mark(model, key, scratch / "marked", {.threads = 2});
    mark(model, key, scratch / "copy", {.licensee = "somebody", .threads = 2});
    const MarkableModel copy = open_model(scratch / "copy");
    detect(open_model(scratch / "marked"), key, {.shares = 1, .full = true});
    verify::TraceRequest request;
    request.master = &key;
    request.licensees = {"somebody", "nobody"};
    CHECK(must(verify::trace({&copy.checkpoint, &copy.anatomy, &copy.vocabulary}, request))
              .best[0]
              .id == "somebody");
    CHECK(freed.blocks() > 1000);
    CHECK(freed.found() == "");
  }
  // What is not wiped is found.
  FreedMemory freed(secrets);
  {
    const auto signs = carrier(shares[0], VectorKind::up);
    const std::vector<int8_t> copied(signs.begin(), signs.end());
  }
  CHECK(freed.found() == "share-up");
}

}  // namespace wmk::embed
