// tokenizer.json, and the same text as vocab.json, tekken.json and a tiktoken file.
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint64_t kRows = 64;
  static const wmk::fuzz::Workbench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  for (const char* name : {"tokenizer.json", "vocab.json", "tekken.json", "a.tiktoken"}) {
    bench.put(name, input);
    for (const bool lenient : {false, true}) {
      (void)wmk::checkpoint::read_tokenizer_file(bench.folder(), name, kRows, {.lenient = lenient});
    }
  }
  // As a list of versioned files, and of added tokens.
  bench.put("tokenizer_config.json", input);
  (void)wmk::checkpoint::read_vocabulary(bench.folder(), kRows);
  return 0;
}
