// An adapter merged with a base: adapter_config.json, a NUL byte, the weights file of the adapter;
// or an adapter in GGUF, merged with a base of each format.
#include "tests/fuzz/support/mutators.h"
#include "tests/fuzz/support/workbench.h"
#include "tests/unit/checkpoint/gguf/gguf_builder.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

namespace {

const std::string kBase = WMK_SOURCE_DIR "/tests/vectors/adapter/base.safetensors";

bool is_gguf(std::string_view input) { return input.starts_with("GGUF"); }

std::string gguf_base() {
  wmk::test::GgufBuilder file;
  file.text("general.architecture", "llama").u32("llama.attention.head_count", 2);
  file.tensor("token_embd.weight", {8, 5}).tensor("blk.0.attn_q.weight", {8, 8});
  file.tensor("blk.0.ffn_up.weight", {8, 6}).tensor("blk.0.ffn_down.weight", {6, 8});
  return file.finish();
}

void merge_gguf(std::string_view input) {
  static const wmk::fuzz::Workbench bench;
  static const std::filesystem::path model = bench.put("base.gguf", gguf_base());
  const auto adapter = bench.put("lora.gguf", input);
  for (const std::filesystem::path& base : {model, std::filesystem::path(kBase)}) {
    const auto merged = wmk::checkpoint::Checkpoint::open_merged(adapter, base);
    if (merged) wmk::fuzz::explore(*merged);
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned seed) {
  if (is_gguf(wmk::fuzz::as_input(data, size))) return LLVMFuzzerMutate(data, size, size_max);
  return wmk::fuzz::mutate_pair(data, size, size_max, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = wmk::fuzz::as_input(data, size);
  if (is_gguf(input)) {
    merge_gguf(input);
    return 0;
  }
  static const wmk::fuzz::Workbench bench;
  const auto [config, weights] = wmk::fuzz::two_parts(input);
  bench.put("adapter_config.json", config);
  bench.put("adapter_model.safetensors", weights);
  const auto merged = wmk::checkpoint::Checkpoint::open_merged(bench.folder(), kBase);
  if (merged) wmk::fuzz::explore(*merged);
  return 0;
}
