// Bytes that take the place of a file on this disk: a caller's memory, or a file behind a URL.
//
// Purpose: ReadFile and WriteFile read and write through these, so that nothing above them knows
// where a checkpoint lies. Thread-safety: read_at and write_at may run concurrently.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk {

// `count` pieces of `bytes` bytes each, whose begins are `stride` apart: a column of a matrix.
struct Runs {
  uint64_t offset = 0, bytes = 0, stride = 0, count = 0;
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual uint64_t size() const = 0;
  // Fills `out`, a range that lies inside size().
  virtual Status read_at(uint64_t offset, std::span<std::byte> out) const = 0;
  // Fills `out` with the pieces, one behind the other; all lie inside size().
  virtual Status read_runs(const Runs& runs, std::span<std::byte> out) const;
  // Reading little matters more than reading it at once.
  virtual bool is_remote() const { return false; }
};

class ByteTarget : public ByteSource {
 public:
  // The range lies inside size().
  virtual Status write_at(uint64_t offset, ByteView bytes) const = 0;
};

// While a Mount exists, ReadFile::open(path) reads `source` instead of the file at `path`. A path
// can be mounted once at a time.
class Mount {
 public:
  Mount(std::filesystem::path path, std::shared_ptr<const ByteSource> source);
  Mount(Mount&& other) noexcept;
  Mount& operator=(Mount&& other) noexcept;
  ~Mount();

  // What is mounted at `path`, or null.
  static std::shared_ptr<const ByteSource> at(const std::filesystem::path& path);

 private:
  std::filesystem::path path_;  // empty: moved from
};

}  // namespace wmk
