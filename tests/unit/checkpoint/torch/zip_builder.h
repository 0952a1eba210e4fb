// Zip archives for tests, as written by torch.save, with faults in any part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace wmk::test {

struct ZipPart {
  std::string name, data;
  // What is wrong with it, if anything.
  std::optional<std::string> local_name = {};
  uint16_t flags = 0x0808;
  uint16_t method = 0;
  uint64_t descriptor_bytes = 16;  // 24 with ZIP64, 0 for none
  uint32_t descriptor_adds = 0;    // to the size in the descriptor
  std::string trailing = {};       // bytes after the entry that belong to no record
  std::optional<uint32_t> written_offset = {};
  std::string extra = {};  // of the local header
};

template <class T>
void put(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline std::string zip_local(const ZipPart& part) {
  const std::string& name = part.local_name ? *part.local_name : part.name;
  const bool is_deferred = part.flags & 8;
  const uint32_t bytes = is_deferred ? 0 : static_cast<uint32_t>(part.data.size());
  std::string out = "PK\x03\x04";
  for (const uint16_t field : {uint16_t{0}, part.flags, part.method, uint16_t{0}, uint16_t{0}}) {
    put(out, field);
  }
  put(out, is_deferred ? 0u : 0x12345678u);
  put(out, bytes);
  put(out, bytes);
  put(out, static_cast<uint16_t>(name.size()));
  put(out, static_cast<uint16_t>(part.extra.size()));
  out += name + part.extra + part.data;
  if (part.descriptor_bytes == 0) return out + part.trailing;
  out += "PK\x07\x08";
  put(out, 0x12345678u);
  const uint64_t written = part.data.size() + part.descriptor_adds;
  for (int i = 0; i < 2; ++i) {
    if (part.descriptor_bytes == 24) put(out, written);
    if (part.descriptor_bytes == 16) put(out, static_cast<uint32_t>(written));
  }
  return out + part.trailing;
}

inline std::string zip_central(const ZipPart& part, uint32_t offset) {
  std::string out = "PK\x01\x02";
  for (const uint16_t field :
       {uint16_t{0}, uint16_t{0}, part.flags, part.method, uint16_t{0}, uint16_t{0}}) {
    put(out, field);
  }
  put(out, 0x12345678u);
  put(out, static_cast<uint32_t>(part.data.size()));
  put(out, static_cast<uint32_t>(part.data.size()));
  put(out, static_cast<uint16_t>(part.name.size()));
  out.append(12, '\0');  // extra, comment, disk, attributes
  put(out, part.written_offset.value_or(offset));
  return out + part.name;
}

inline std::string zip_of(const std::vector<ZipPart>& parts, bool is_zip64 = true) {
  std::string out, directory;
  for (const ZipPart& part : parts) {
    directory += zip_central(part, static_cast<uint32_t>(out.size()));
    out += zip_local(part);
  }
  const uint64_t begin = out.size(), count = parts.size(), bytes = directory.size();
  out += directory;
  if (is_zip64) {
    const uint64_t end = out.size();
    out += std::string("PK\x06\x06");
    put(out, uint64_t{44});
    put(out, uint32_t{0x031E002D});
    put(out, uint64_t{0});
    for (const uint64_t field : {count, count, bytes, begin}) put(out, field);
    out += std::string("PK\x06\x07") + std::string(4, '\0');
    put(out, end);
    put(out, uint32_t{1});
  }
  out += std::string("PK\x05\x06") + std::string(4, '\0');
  put(out, static_cast<uint16_t>(count));
  put(out, static_cast<uint16_t>(count));
  put(out, static_cast<uint32_t>(bytes));
  put(out, static_cast<uint32_t>(begin));
  return out + std::string(2, '\0');
}

}  // namespace wmk::test
