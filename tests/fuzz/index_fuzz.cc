// The index of a sharded model, beside two shards.
#include "checkpoint/files/shard_index.h"
#include "tests/fuzz/support/workbench.h"
#include "tests/unit/checkpoint/safetensors/tiny_safetensors.h"

namespace {

struct Bench : wmk::fuzz::Workbench {
  Bench() {
    using wmk::test::tiny_file;
    put("a.safetensors", tiny_file({{"x", "1"}, {"y", "2"}}));
    put("b.safetensors", tiny_file({{"z", "3"}}));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Bench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  if (!wmk::checkpoint::parse_shard_index(std::string(input))) return 0;
  wmk::fuzz::open_and_explore(bench.put("model.safetensors.index.json", input));
  return 0;
}
