// One safetensors file. Half of the changes keep the length word true, or else hardly any input
// would get further than it.
#include <cstring>
#include <vector>

#include "base/bytes.h"
#include "tests/fuzz/workbench.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

namespace {

constexpr size_t kLengthBytes = 8;

// Changes the header or the data, as `seed` has it, and tells the header's new length.
size_t mutate_part(uint8_t* data, size_t size, size_t size_max, uint64_t length, unsigned seed) {
  const size_t begin = kLengthBytes, middle = begin + length;
  const bool is_header = seed & 2;
  const size_t from = is_header ? begin : middle, to = is_header ? middle : size;
  const std::vector<uint8_t> behind(data + to, data + size);
  std::vector<uint8_t> part(data + from, data + to);
  const size_t room = size_max - from - behind.size();
  const size_t used = part.size();
  part.resize(room);
  part.resize(LLVMFuzzerMutate(part.data(), std::min(used, room), room));
  std::copy(part.begin(), part.end(), data + from);
  std::copy(behind.begin(), behind.end(), data + from + part.size());
  if (is_header) wmk::store_le<uint64_t>(data, part.size());
  return from + part.size() + behind.size();
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max,
                                          unsigned seed) {
  const bool has_length = size > kLengthBytes && size_max > size;
  const uint64_t length = has_length ? wmk::load_le<uint64_t>(data) : 0;
  if ((seed & 1) != 0 && has_length && length <= size - kLengthBytes) {
    return mutate_part(data, size, size_max, length, seed);
  }
  return LLVMFuzzerMutate(data, size, size_max);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wmk::fuzz::Workbench bench;
  const auto input = wmk::fuzz::as_input(data, size);
  wmk::fuzz::open_and_explore(bench.put("model.safetensors", input));
  return 0;
}
