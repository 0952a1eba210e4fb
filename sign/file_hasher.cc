#include "sign/file_hasher.h"

#include <algorithm>

namespace wmk::sign {

namespace {

constexpr size_t kPieceBytes = 256 << 10;

}  // namespace

FileHasher::FileHasher(Hash hash) : hasher_(hash), piece_(kPieceBytes) {}

Result<Bytes> FileHasher::digest(const Read& read, uint64_t offset, uint64_t bytes,
                                 Progress* progress) {
  for (uint64_t done = 0; done < bytes;) {
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(piece_.size(), bytes - done));
    auto got = read(offset + done, std::span(piece_).first(wanted));
    if (!got) {
      hasher_.finish();
      return std::move(got).error();
    }
    if (*got == 0) break;
    hasher_.absorb(ByteView(piece_).first(*got));
    done += *got;
    if (progress != nullptr) progress->advance(*got);
  }
  return hasher_.finish();
}

Result<Bytes> FileHasher::digest(const ReadFile& file, uint64_t offset, uint64_t bytes,
                                 Progress* progress) {
  const auto read = [&](uint64_t at, std::span<std::byte> out) -> Result<size_t> {
    if (auto status = file.read_at(at, out); !status) return std::move(status).error();
    return out.size();
  };
  return digest(Read(read), offset, bytes, progress);
}

}  // namespace wmk::sign
