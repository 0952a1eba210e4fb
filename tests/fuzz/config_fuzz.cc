// config.json of quantised weights, and the same text as adapter_config.json of an adapter.
#include "checkpoint/text/notices.h"
#include "tests/fuzz/support/workbench.h"

namespace {

struct Bench : wmk::fuzz::Workbench {
  Bench() { put_vector("model.safetensors", "quantised/gptq-4bit-ordered/model.safetensors"); }
};

struct Adapter : wmk::fuzz::Workbench {
  Adapter() { put_vector("adapter_model.safetensors", "adapter/dora/adapter_model.safetensors"); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Bench bench;
  static const Adapter adapter;
  static const std::string base = WMK_SOURCE_DIR "/tests/vectors/adapter/base.safetensors";
  const auto input = wmk::fuzz::as_input(data, size);
  bench.put("config.json", input);
  wmk::fuzz::open_and_explore(bench.folder());
  (void)wmk::checkpoint::find_notices(bench.folder(), wmk::checkpoint::NoticeScope::all);
  adapter.put("adapter_config.json", input);
  const auto merged = wmk::checkpoint::Checkpoint::open_merged(adapter.folder(), base);
  if (merged) wmk::fuzz::explore(*merged);
  return 0;
}
