// Names of tiles, bundles of entries, and a log whose files are the input.
#include "claims/log/tile_store.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wmk::claims;
  static const wmk::fuzz::Workbench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  const auto id = parse_tile_path(input);
  if (id && tile_path(*id) != input) __builtin_trap();
  const auto entries = parse_entries(input);
  if (entries) {
    std::string again;
    for (const std::string_view entry : *entries) append_entry(entry, again);
    if (again != input) __builtin_trap();
  }
  std::filesystem::create_directories(bench.folder() / "tile/0");
  std::filesystem::create_directories(bench.folder() / "tile/entries");
  bench.put("tile/0/000", input);
  bench.put("tile/entries/000", input);
  const TileStore store(bench.folder());
  (void)store.read({std::nullopt, 0, 7});
  LogTree tree(store, 200);
  (void)tree.root();
  (void)tree.inclusion(199);
  (void)tree.consistency(129);
  return 0;
}
