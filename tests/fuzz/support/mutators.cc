#include "tests/fuzz/support/mutators.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/bytes.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

namespace wmk::fuzz {
namespace {

constexpr size_t kLengthBytes = 8;

struct Part {
  size_t begin = 0, end = 0;
  size_t bytes() const { return end - begin; }
};

// Applies `change` to one part of the input and moves the rest. Returns the new end of the part.
template <class Change>
size_t mutate_part(uint8_t* data, size_t& size, size_t size_max, Part part, const Change& change) {
  const std::vector<uint8_t> rest(data + part.end, data + size);
  std::vector<uint8_t> own(data + part.begin, data + part.end);
  own.resize(size_max - part.begin - rest.size());
  own.resize(change(own.data(), part.bytes(), own.size()));
  std::copy(own.begin(), own.end(), data + part.begin);
  std::copy(rest.begin(), rest.end(), data + part.begin + own.size());
  size = part.begin + own.size() + rest.size();
  return part.begin + own.size();
}

}  // namespace

size_t mutate_safetensors(uint8_t* data, size_t size, size_t size_max, unsigned seed) {
  const bool has_length = size > kLengthBytes && size_max > size;
  const uint64_t length = has_length ? load_le<uint64_t>(data) : 0;
  if ((seed & 1) == 0 || !has_length || length > size - kLengthBytes) {
    return LLVMFuzzerMutate(data, size, size_max);
  }
  const size_t middle = kLengthBytes + length;
  if (seed & 2) {
    const size_t end = mutate_part(data, size, size_max, {kLengthBytes, middle}, LLVMFuzzerMutate);
    store_le<uint64_t>(data, end - kLengthBytes);
  } else {
    mutate_part(data, size, size_max, {middle, size}, LLVMFuzzerMutate);
  }
  return size;
}

size_t mutate_pair(uint8_t* data, size_t size, size_t size_max, unsigned seed) {
  const void* nul = std::memchr(data, 0, size);
  if (nul == nullptr || size_max <= size) return LLVMFuzzerMutate(data, size, size_max);
  const auto end = static_cast<size_t>(static_cast<const uint8_t*>(nul) - data);
  if (seed & 4) {
    mutate_part(data, size, size_max, {0, end}, LLVMFuzzerMutate);
  } else {
    mutate_part(data, size, size_max, {end + 1, size},
                [&](uint8_t* own, size_t used, size_t capacity) {
                  return mutate_safetensors(own, used, capacity, seed);
                });
  }
  return size;
}

}  // namespace wmk::fuzz
