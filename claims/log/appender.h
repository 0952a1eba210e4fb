// Appends entries to a log in a folder (specs/log.md 4).
//
// Purpose: a batch is written to a staging folder, synced and renamed, tiles first and the
// checkpoint last, so that a run that is killed at any point leaves the older log or the newer one.
// Lifetime: an Appender holds the log's lock, which two processes cannot hold at once.
// Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "claims/log/policy.h"
#include "claims/log/tile_store.h"
#include "crypto/note_signer.h"

namespace wmk::claims {

// One lock for a log's folder, free again when its process ends.
class LogLock {
 public:
  // Error if another process holds it.
  static Result<LogLock> take(const std::filesystem::path& folder);
  LogLock(LogLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  LogLock& operator=(LogLock&&) = delete;
  ~LogLock();

 private:
  explicit LogLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Called before each change of the folder, with its name; an Error ends the append there. Tests
// look at the folder as a killed run would leave it.
using StepHook = std::function<Status(std::string_view step)>;

// Makes an empty log in a new folder.
Status init_log(const std::filesystem::path& folder, const crypto::NoteSigner& signer);

class Appender {
 public:
  // A batch is held in memory and in open files: 128 full tiles of entries.
  static constexpr size_t kBatchMax = 32768;

  // Takes the lock. Error unless this key signed the checkpoint and the tiles lead to its root.
  static Result<Appender> open(const std::filesystem::path& folder,
                               const crypto::NoteSigner& signer, StepHook hook = {});

  const crypto::TreeHead& head() const { return head_; }
  // At most kBatchMax entries of 1 to 65,535 bytes.
  Status append(std::span<const std::string> entries);

 private:
  Appender(LogLock lock, TileStore store, const crypto::NoteSigner& signer, crypto::TreeHead head,
           StepHook hook)
      : lock_(std::move(lock)),
        store_(std::move(store)),
        signer_(&signer),
        head_(head),
        hook_(std::move(hook)) {}
  Status publish(uint64_t size);

  LogLock lock_;
  TileStore store_;
  const crypto::NoteSigner* signer_;
  crypto::TreeHead head_;
  StepHook hook_;
};

// The checkpoint of this tree, signed by the log.
std::string signed_checkpoint(const crypto::TreeHead& head, const crypto::NoteSigner& signer);

}  // namespace wmk::claims
