// An adapter in GGUF, merged with a base in GGUF and with one in safetensors.
#include "tests/fuzz/workbench.h"
#include "tests/unit/checkpoint/gguf/gguf_builder.h"

namespace {

std::string base() {
  wmk::test::GgufBuilder file;
  file.text("general.architecture", "llama").u32("llama.attention.head_count", 2);
  file.tensor("token_embd.weight", {8, 5}).tensor("blk.0.attn_q.weight", {8, 8});
  file.tensor("blk.0.ffn_up.weight", {8, 6}).tensor("blk.0.ffn_down.weight", {6, 8});
  return file.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  static const auto model = bench.put("base.gguf", base());
  static const std::string other = WMK_SOURCE_DIR "/tests/vectors/adapter/base.safetensors";
  const auto adapter = bench.put("lora.gguf", wmk::fuzz::as_input(data, size));
  for (const std::filesystem::path& each : {model, std::filesystem::path(other)}) {
    const auto merged = wmk::checkpoint::Checkpoint::open_merged(adapter, each);
    if (merged) wmk::fuzz::explore(*merged);
  }
  return 0;
}
