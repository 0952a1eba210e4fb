#include "checkpoint/distributed/file_part.h"

#include <memory>

namespace wmk::checkpoint {
namespace {

class FilePart final : public ByteSource {
 public:
  FilePart(const ReadFile& whole, uint64_t begin, uint64_t bytes)
      : whole_(whole), begin_(begin), bytes_(bytes) {}

  uint64_t size() const override { return bytes_; }
  Status read_at(uint64_t offset, std::span<std::byte> out) const override {
    return whole_.read_at(begin_ + offset, out);
  }

 private:
  const ReadFile& whole_;
  uint64_t begin_, bytes_;
};

}  // namespace

ReadFile part_of(const ReadFile& whole, uint64_t begin, uint64_t bytes) {
  return ReadFile::of(whole.path(), std::make_shared<FilePart>(whole, begin, bytes));
}

}  // namespace wmk::checkpoint
