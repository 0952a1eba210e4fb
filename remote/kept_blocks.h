// Blocks of a remote file that have arrived, kept on this disk, so that no byte is fetched twice.
//
// Purpose: commands that compare models read the same matrices again and again, far apart.
// Lifetime: the file has no name: it goes with the object, and with a run that is killed.
// Thread-safety: any thread. A thread that has claimed blocks does not wait for others, so that no
// two wait for each other.
#pragma once

#include <array>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk::remote {

class KeptBlocks {
 public:
  struct Span {
    uint64_t first, end;  // numbers of blocks
  };

  // For a file of `bytes` bytes, in `folder`. Null: nothing can be kept there, because it lies in
  // memory, or there is an error.
  static std::unique_ptr<KeptBlocks> make(const std::filesystem::path& folder, uint64_t bytes);
  ~KeptBlocks();
  KeptBlocks(const KeptBlocks&) = delete;
  KeptBlocks& operator=(const KeptBlocks&) = delete;

  // Whether there is room for `bytes` more; once there is none, nothing more is kept.
  bool has_room(uint64_t bytes);
  bool has(Span range);
  // The blocks of [first, end) that are missing. They are claimed: the caller loads and settles
  // them.
  std::vector<Span> claim(Span range);
  // The blocks have arrived, or are missing as before.
  void settle(Span claimed, bool arrived);
  // Waits while others load any of the blocks. Whether all are there.
  bool wait(Span range);

  // Bytes of a claimed block. Whether they could be written.
  bool put(uint64_t offset, ByteView bytes);
  // Bytes of blocks that are there.
  Status read(uint64_t offset, std::span<std::byte> out) const;

 private:
  enum class State : uint8_t { missing, loading, there };
  // The states of so many neighbours are made when one of them is claimed: the size of the file is
  // a server's word, and may be any number.
  static constexpr uint64_t kPageBlocks = 4096;
  using Page = std::array<State, kPageBlocks>;

  explicit KeptBlocks(int descriptor) : descriptor_(descriptor) {}
  State state(uint64_t block) const;
  void set_state(uint64_t block, State state);
  // Whether any of the blocks, or all of them, are in this state.
  bool any(Span range, State wanted) const;
  bool all(Span range, State wanted) const;

  const int descriptor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<uint64_t, Page> pages_;
  bool full_ = false;
};

}  // namespace wmk::remote
