// Small PyTorch files for tests: a handwritten pickle in an archive with one storage.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "tests/unit/checkpoint/torch/zip_builder.h"

namespace wmk::test {

inline std::string pickle_text(std::string_view value) {
  std::string out = "X";
  put(out, static_cast<uint32_t>(value.size()));
  return out.append(value);
}

inline std::string pickle_number(int64_t value) {
  std::string out = "\x8a\x08";
  put(out, value);
  return out;
}

// A tensor of torch.FloatStorage "0" with `count` elements.
struct TinyTensor {
  std::string name = "w";
  std::vector<int64_t> shape = {2, 3};
  std::vector<int64_t> strides = {3, 1};
  int64_t offset = 0;
  int64_t count = 6;
  std::string type = "FloatStorage";
  std::string key = "0";
  std::string place = "cpu";
};

inline std::string pickle_tuple(const std::vector<int64_t>& numbers) {
  std::string out = "(";
  for (const int64_t number : numbers) out += pickle_number(number);
  return out + "t";
}

inline std::string pickle_tensor(const TinyTensor& tensor) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickle_text("storage") + "ctorch\n" +
         tensor.type + "\n" + pickle_text(tensor.key) + pickle_text(tensor.place) +
         pickle_number(tensor.count) + "tQ" + pickle_number(tensor.offset) +
         pickle_tuple(tensor.shape) + pickle_tuple(tensor.strides) + "\x89}tR";
}

inline std::string pickle_dict(const std::vector<TinyTensor>& tensors) {
  std::string out = "\x80\x02}";
  for (const TinyTensor& tensor : tensors) {
    out += pickle_text(tensor.name) + pickle_tensor(tensor) + "s";
  }
  return out + ".";
}

// The floats 0, 1, 2, ... `count` of them.
inline std::string tiny_floats(size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) put(out, static_cast<float>(i));
  return out;
}

inline std::string tiny_torch(const std::vector<TinyTensor>& tensors, size_t floats = 6,
                              std::string_view byteorder = "little") {
  return zip_of({{"archive/data.pkl", pickle_dict(tensors)},
                 {"archive/byteorder", std::string(byteorder)},
                 {"archive/data/0", tiny_floats(floats)},
                 {"archive/version", "3\n"}});
}

}  // namespace wmk::test
