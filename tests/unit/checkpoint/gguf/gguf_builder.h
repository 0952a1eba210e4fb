// GGUF files for tests, valid or not, written independently of the reader.
//
//   GgufBuilder file;
//   file.text("general.architecture", "llama").tensor("token_embd.weight", {16, 4});
//   scratch.put("model.gguf", file.finish());
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace wmk::test {

class GgufBuilder {
 public:
  // What a header says besides its list; tests change these.
  std::string magic = "GGUF";
  uint32_t version = 3;
  uint64_t alignment = 32;
  int64_t more_keys = 0, more_tensors = 0;  // counts that lie

  template <class T>
  static std::string raw(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
  }
  static std::string string(std::string_view text) {
    return raw<uint64_t>(text.size()) + std::string(text);
  }

  // A key with the bytes of its kind and value.
  GgufBuilder& key(std::string_view name, uint32_t kind, std::string_view value) {
    keys_ += string(name) + raw(kind) + std::string(value);
    ++key_count_;
    return *this;
  }
  GgufBuilder& text(std::string_view name, std::string_view value) {
    return key(name, 8, string(value));
  }
  GgufBuilder& u16(std::string_view name, uint16_t value) { return key(name, 2, raw(value)); }
  GgufBuilder& u32(std::string_view name, uint32_t value) { return key(name, 4, raw(value)); }
  GgufBuilder& i32(std::string_view name, int32_t value) { return key(name, 5, raw(value)); }
  GgufBuilder& texts(std::string_view name, const std::vector<std::string>& values) {
    std::string list = raw<uint32_t>(8) + raw<uint64_t>(values.size());
    for (const auto& value : values) list += string(value);
    return key(name, 9, list);
  }
  GgufBuilder& i32s(std::string_view name, const std::vector<int32_t>& values) {
    std::string list = raw<uint32_t>(5) + raw<uint64_t>(values.size());
    for (const int32_t value : values) list += raw(value);
    return key(name, 9, list);
  }

  struct Entry {
    std::string name;
    std::vector<uint64_t> extents;  // fastest first
    uint32_t type = 0;
    std::string data;
    int64_t offset_error = 0;
  };
  Entry& add(Entry entry) { return entries_.emplace_back(std::move(entry)); }
  // An F32 tensor of zeros.
  GgufBuilder& tensor(std::string_view name, std::vector<uint64_t> extents) {
    uint64_t count = 4;
    for (const uint64_t extent : extents) count *= extent;
    add({std::string(name), std::move(extents), 0, std::string(count, '\0'), 0});
    return *this;
  }

  std::string finish() const {
    const auto add64 = [](uint64_t a, int64_t b) { return a + static_cast<uint64_t>(b); };
    std::string out = magic + raw(version) + raw(add64(entries_.size(), more_tensors)) +
                      raw(add64(key_count_, more_keys)) + keys_;
    std::string data;
    for (const Entry& entry : entries_) {
      data.resize((data.size() + alignment - 1) / alignment * alignment);
      out += string(entry.name) + raw<uint32_t>(static_cast<uint32_t>(entry.extents.size()));
      for (const uint64_t extent : entry.extents) out += raw(extent);
      out += raw(entry.type) + raw(add64(data.size(), entry.offset_error));
      data += entry.data;
    }
    out.resize((out.size() + alignment - 1) / alignment * alignment);
    return out + data;
  }

 private:
  std::string keys_;
  uint64_t key_count_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace wmk::test
