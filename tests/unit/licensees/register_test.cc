// The register of licensees: what it commits to, what opens it, what it refuses.
#include "embed/licensees/register.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/text.h"
#include "crypto/blake2b.h"
#include "embed/scheme/keys.h"
#include "sign/digest.h"
#include "tests/support/marking.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;

LicenseeRegister three(const crypto::SecretBytes& master) {
  auto out = new_register(master);
  CHECK(must(add_licensees(out, {"ada", "grace", "edsger"}, master, 2)) == 3);
  return out;
}

std::string field(std::string_view text) {
  std::string out(8, '\0');
  out[0] = static_cast<char>(text.size());
  return out += text;
}

std::string text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_CASE("an entry commits to id, salt and code key, as the page writes them", "[licensees]") {
  const auto master = test_key("owner");
  const auto made = three(master);
  const auto salt =
      crypto::derive(master, cat("weightmark/register/v1/salt/", text_of(made.nonce), "grace"));
  const auto key = crypto::derive(trace_key(master), "licensee/grace");
  const std::string leaf = std::string(1, '\0') + field("weightmark/licensee/v1") + field("grace") +
                           field(text_of(salt.reveal())) + field(text_of(key.reveal()));
  CHECK(std::ranges::equal(made.commitments[1], sign::sha256(as_bytes(leaf))));
  CHECK(three(master).commitments[1] != made.commitments[1]);  // another nonce
}

TEST_CASE("a register grows, keeps its order and is read as it was written", "[licensees]") {
  const Scratch scratch;
  const auto master = test_key("owner");
  auto made = three(master);
  CHECK(must(add_licensees(made, {"grace", "barbara", "barbara"}, master, 1)) == 1);
  must(write_register(scratch / "register", made, false, false));
  const auto read = must(read_register(scratch / "register"));
  CHECK(read.ids == std::vector<std::string>{"ada", "grace", "edsger", "barbara"});
  CHECK(read.commitments == made.commitments);
  CHECK(check_register(read, master, 2));
  CHECK_FALSE(check_register(read, test_key("other"), 2));
  auto changed = read;
  std::swap(changed.ids[0], changed.ids[2]);
  CHECK_FALSE(check_register(changed, master, 2));
  for (const std::string& id : {std::string(), std::string(2000, 'x'), std::string("\xff")}) {
    CHECK_FALSE(add_licensees(made, {id}, master, 1));
  }
}

TEST_CASE("the public form shows no id, and an opening opens one entry", "[licensees]") {
  const Scratch scratch;
  const auto master = test_key("owner");
  const auto made = three(master);
  must(write_register(scratch / "public", made, true, false));
  CHECK(content_of(scratch / "public").find("grace") == std::string::npos);
  auto read = must(read_register(scratch / "public"));
  CHECK(read.ids.empty());
  CHECK_FALSE(add_licensees(read, {"barbara"}, master, 1));
  const Opening opening = opening_of(made, "grace", master);
  CHECK(opened_entry(read, opening) == 1u);
  for (int changed = 0; changed < 3; ++changed) {
    Opening other = opening;
    if (changed == 0) other.id = "ada";
    if (changed == 1) other.salt[0] ^= std::byte{1};
    if (changed == 2) other.code_key.pop_back();
    CHECK_FALSE(opened_entry(read, other));
  }
}

TEST_CASE("damaged registers are refused", "[licensees][bad-input]") {
  const Scratch scratch;
  const auto master = test_key("owner");
  must(write_register(scratch / "register", three(master), false, false));
  const std::string good = content_of(scratch / "register");
  const auto refuses = [&](const std::string& text) {
    scratch.put("bad", text);
    const auto read = read_register(scratch / "bad");
    return !read && read.error().code() == ErrorCode::malformed;
  };
  CHECK(refuses(""));
  CHECK(refuses("X" + good));
  CHECK(refuses(good.substr(0, good.size() - 1)));
  std::string twice = good, other_scheme = good;
  twice.replace(twice.find("grace"), 5, "\xff\xff\xff\xff\xff");
  CHECK(refuses(twice));
  const size_t entries = good.find(
                             "\x0a\x03"
                             "ada") -
                         2;
  CHECK(refuses(good + good.substr(entries, good.find("grace") - 4 - entries)));  // ada again
  other_scheme.replace(other_scheme.find("ctss-v1"), 7, "ctss-v9");
  CHECK(refuses(other_scheme));
  // The refusal is ours: the library of the message says nothing on stderr.
  std::string other_key = good;
  other_key.replace(other_key.find("wm1"), 3, "\xff\xfe\xfd");
  scratch.put("bad", other_key);
  CHECK(read_register(scratch / "bad").error().message().find("not named in UTF-8") !=
        std::string::npos);
  CHECK_FALSE(refuses(good));
}

}  // namespace wmk::embed
