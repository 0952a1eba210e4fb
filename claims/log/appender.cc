#include "claims/log/appender.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/rename.h"
#include "claims/log/new_tiles.h"
#include "claims/log/staging.h"

namespace wmk::claims {

namespace fs = std::filesystem;
using crypto::TreeHead;

Result<LogLock> LogLock::take(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return errno_error(folder, "cannot open", errno);
  LogLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return errno_error(folder, "cannot lock", errno);
  return Error(ErrorCode::io,
               cat(escaped(folder.string()), ": another process is changing this log"));
}

LogLock::~LogLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string signed_checkpoint(const TreeHead& head, const crypto::NoteSigner& signer) {
  const std::string text = crypto::checkpoint_text({signer.name(), head, {}});
  return cat(text, "\n", crypto::note_signature_line(signer.sign(text)));
}

Status init_log(const fs::path& folder, const crypto::NoteSigner& signer) {
  // There is no --force: what exists may be a log that others rely on.
  if (is_taken(folder))
    return Error(ErrorCode::invalid_argument, cat(escaped(folder.string()), " already exists"));
  auto output = PendingOutput::begin(folder, PendingOutput::Kind::folder, false);
  if (!output) return std::move(output).error();
  std::error_code failure;
  fs::create_directory(output->path(), failure);
  if (failure) return errno_error(output->path(), "cannot create", failure.value());
  const std::string text = signed_checkpoint({0, crypto::tree_root({})}, signer);
  auto status = write_whole(output->path() / "checkpoint", as_bytes(text), 0644, false);
  return status ? output->commit() : status;
}

Result<Appender> Appender::open(const fs::path& folder, const crypto::NoteSigner& signer,
                                StepHook hook) {
  auto lock = LogLock::take(folder);
  if (!lock) return std::move(lock).error();
  TileStore store(folder);
  const auto text = store.checkpoint();
  if (!text) return text.error();
  const auto checkpoint = parse_signed_checkpoint(*text);
  if (!checkpoint) return Error(checkpoint.error()).within("checkpoint");
  LogReasons reasons;
  const auto log = Policy::of_log(signer.verifier(crypto::NoteKeyType::ed25519));
  if (!log.judge(*checkpoint, reasons)) {
    return Error(ErrorCode::invalid_argument, cat("checkpoint: ", reasons.list.front().text))
        .with_hint("use the key that the log was made with");
  }
  const TreeHead head = checkpoint->checkpoint.head;
  const auto root = LogTree(store, head.size).root();
  if (!root) return root.error();
  if (*root != head.root) {
    return malformed("the tiles do not lead to the checkpoint's root")
        .with_hint("'weightmark log verify' finds the tile");
  }
  return Appender(std::move(*lock), std::move(store), signer, head, std::move(hook));
}

Status Appender::append(std::span<const std::string> entries) {
  if (entries.empty()) return {};
  auto staging = Staging::begin(store_.folder(), hook_);
  if (!staging) return std::move(staging).error();
  auto status = add_new_tiles(store_, head_.size, entries, *staging);
  if (status) status = staging->move_into_log();
  return status ? publish(head_.size + entries.size()) : status;
}

// Signs what the files say, after checking that it continues the older log.
Status Appender::publish(uint64_t size) {
  LogTree tree(store_, size);
  const auto root = tree.root();
  if (!root) return root.error();
  const TreeHead next{size, *root};
  if (head_.size != 0) {
    const auto path = tree.consistency(head_.size);
    if (!path) return path.error();
    if (!crypto::is_consistent(head_, next, *path)) {
      return malformed("the new tiles do not continue the log");
    }
  }
  if (auto status = step(hook_, "write the checkpoint"); !status) return status;
  const std::string text = signed_checkpoint(next, *signer_);
  auto status = write_whole(store_.folder() / "checkpoint", as_bytes(text), 0644, true);
  if (!status) return status;
  const uint64_t before = head_.size;
  head_ = next;
  if (status = step(hook_, "remove partial tiles"); !status) return status;
  remove_completed(store_.folder(), before, size);
  return {};
}

}  // namespace wmk::claims
