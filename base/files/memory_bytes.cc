#include "base/files/memory_bytes.h"

#include <algorithm>
#include <cstring>

namespace wmk {

MemoryBytes::MemoryBytes(const std::vector<std::span<std::byte>>& pieces) {
  for (const std::span<std::byte> bytes : pieces) {
    if (bytes.empty()) continue;
    pieces_.push_back({size_, bytes});
    size_ += bytes.size();
  }
}

template <class Use>
void MemoryBytes::for_each_part(uint64_t offset, uint64_t count, const Use& use) const {
  auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                [](uint64_t at, const Piece& each) { return at < each.begin; });
  for (uint64_t done = 0; done < count; ++piece) {
    // The piece before the first one that begins behind `offset + done`.
    const Piece& holder = *std::prev(piece);
    const uint64_t from = offset + done - holder.begin;
    const uint64_t part = std::min<uint64_t>(count - done, holder.bytes.size() - from);
    use(holder.bytes.subspan(from, part), done);
    done += part;
  }
}

Status MemoryBytes::read_at(uint64_t offset, std::span<std::byte> out) const {
  for_each_part(offset, out.size(), [&](std::span<std::byte> part, uint64_t done) {
    std::memcpy(out.data() + done, part.data(), part.size());
  });
  return {};
}

Status MemoryBytes::write_at(uint64_t offset, ByteView bytes) const {
  for_each_part(offset, bytes.size(), [&](std::span<std::byte> part, uint64_t done) {
    std::memcpy(part.data(), bytes.data() + done, part.size());
  });
  return {};
}

}  // namespace wmk
