// A register of licensees: its file, and the opening of an entry.
#include "base/memory/wiped.h"
#include "embed/licensees/register.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wmk;
  static const fuzz::Workbench bench;
  static const crypto::SecretBytes key = [] {
    WipedBytes bytes(32, std::byte{7});
    return crypto::SecretBytes::take(bytes);
  }();
  const auto read = embed::read_register(bench.put("x", fuzz::as_input(data, size)));
  if (!read) return 0;
  if (!read->ids.empty() && read->ids.size() != read->commitments.size()) __builtin_trap();
  (void)embed::check_register(*read, key, 1);
  for (const std::string& id : read->ids) {
    if (!embed::is_licensee_id(id)) __builtin_trap();
  }
  if (!read->ids.empty()) {
    (void)embed::opened_entry(*read, embed::opening_of(*read, read->ids.front(), key));
  }
  // What was read is written as it was: the same register, with ids and without.
  for (const bool is_public : {false, true}) {
    const auto out = bench.folder() / "y";
    if (!embed::write_register(out, *read, is_public, true)) return 0;
    const auto again = embed::read_register(out);
    if (!again || again->commitments != read->commitments) __builtin_trap();
    if (again->ids != (is_public ? std::vector<std::string>() : read->ids)) __builtin_trap();
  }
  return 0;
}
