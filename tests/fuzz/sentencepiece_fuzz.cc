// tokenizer.model.
#include "checkpoint/text/sentencepiece.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint64_t pieces = 0, bytes = 0;
  const auto input = wmk::fuzz::as_input(data, size);
  (void)wmk::checkpoint::read_sentencepiece(wmk::as_bytes(input),
                                            [&](uint64_t id, std::string_view piece) {
                                              if (id != pieces++) __builtin_trap();
                                              bytes += piece.size();
                                            });
  if (bytes > size) __builtin_trap();
  return 0;
}
