// The header of one .npy file, and its numbers.
#include "checkpoint/numbers/npy.h"
#include "checkpoint/numbers/widen.h"
#include "tests/fuzz/support/workbench.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  const auto file = wmk::ReadFile::open(bench.put("x.npy", wmk::fuzz::as_input(data, size)));
  if (!file) return 0;
  const auto matrix = wmk::checkpoint::read_npy_header(*file);
  if (!matrix) return 0;
  // The numbers fill the file, so they are no more than its bytes.
  wmk::Bytes raw(file->size() - matrix->offset);
  std::vector<float> values(matrix->rows * matrix->columns);
  if (file->read_at(matrix->offset, raw)) wmk::checkpoint::widen(matrix->dtype, raw, values);
  return 0;
}
