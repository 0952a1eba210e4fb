// tokenizer.json, and the same text as vocab.json.
#include "tests/fuzz/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint64_t kRows = 64;
  static const wmk::fuzz::Workbench bench, older;
  const auto input = wmk::fuzz::as_input(data, size);
  bench.put("tokenizer.json", input);
  older.put("vocab.json", input);
  (void)wmk::checkpoint::read_vocabulary(bench.folder(), kRows);
  (void)wmk::checkpoint::read_vocabulary(older.folder(), kRows);
  return 0;
}
