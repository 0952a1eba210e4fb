#include "claims/log/verify_log.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <mutex>

#include "base/parallel.h"
#include "base/text.h"

namespace wmk::claims {

using crypto::TreeHash;

namespace {

constexpr size_t kReasonsMax = 16;
// A log that states more entries than this is refused before memory is taken for it.
constexpr uint64_t kVerifiedEntriesMax = 1ull << 32;

class LogRebuilder {
 public:
  LogRebuilder(const VerifyLogRequest& request, VerifiedLog& answer)
      : request_(request), answer_(answer), size_(answer.head.size) {}

  // The root over all entries; nullopt where entries are missing or malformed.
  Result<std::optional<TreeHash>> rebuild();

 private:
  Result<std::optional<TreeHash>> rebuild_all();
  Status rebuild_bundle(uint64_t index);
  void compare_tile(const TileId& id, const std::vector<TreeHash>& hashes);
  void compare_level(unsigned level, std::span<const TreeHash> hashes);
  // Keeps the reasons about the first tiles only, which do not depend on the order of work; false.
  bool refuse(const TileId& id, LogCode code, std::string text);

  const VerifyLogRequest& request_;
  VerifiedLog& answer_;
  const uint64_t size_;
  std::vector<TreeHash> roots_;  // of each bundle; the last one may be partial
  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<bool> complete_ = true;
  std::mutex mutex_;
  std::map<std::pair<std::optional<unsigned>, uint64_t>, LogReason> reasons_;  // by tile
};

bool LogRebuilder::refuse(const TileId& id, LogCode code, std::string text) {
  const std::lock_guard lock(mutex_);
  reasons_.insert({{id.level, id.index}, {code, std::move(text)}});
  if (reasons_.size() > kReasonsMax) reasons_.erase(std::prev(reasons_.end()));
  return false;
}

Result<std::optional<TreeHash>> LogRebuilder::rebuild() {
  auto root = rebuild_all();
  for (auto& [tile, reason] : reasons_) answer_.reasons.list.push_back(std::move(reason));
  return root;
}

void LogRebuilder::compare_tile(const TileId& id, const std::vector<TreeHash>& hashes) {
  const auto stored = request_.store.hashes(id);
  if (!stored) {
    const bool missing = stored.error().code() == ErrorCode::io;
    refuse(id, missing ? LogCode::tile_missing : LogCode::tile_differs, stored.error().message());
  } else if (*stored != hashes) {
    refuse(id, LogCode::tile_differs, cat(tile_path(id), ": does not follow from the entries"));
  }
}

Status LogRebuilder::rebuild_bundle(uint64_t index) {
  const TileId id{std::nullopt, index, tile_width(size_, index)};
  const auto bundle = request_.store.read(id);
  const std::string path = tile_path(id);
  const auto give_up = [&](LogCode code, std::string text) {
    complete_ = refuse(id, code, std::move(text));
    return Status();
  };
  if (!bundle) return give_up(LogCode::entries_missing, bundle.error().message());
  const auto entries = parse_entries(*bundle);
  if (!entries) {
    return give_up(LogCode::entries_malformed, cat(path, ": ", entries.error().message()));
  }
  if (entries->size() != id.width) {
    return give_up(LogCode::entries_malformed,
                   cat(path, ": has ", entries->size(), " entries, not ", id.width));
  }
  std::vector<TreeHash> leaves;
  leaves.reserve(entries->size());
  for (const std::string_view entry : *entries) {
    leaves.push_back(crypto::tree_leaf(as_bytes(entry)));
  }
  compare_tile({0, index, id.width}, leaves);
  roots_[index] = crypto::tree_root(leaves);
  bytes_ += bundle->size() - 2 * entries->size();
  if (request_.progress != nullptr) request_.progress->advance(id.width);
  return {};
}

void LogRebuilder::compare_level(unsigned level, std::span<const TreeHash> hashes) {
  std::vector<TreeHash> roots;
  for (uint64_t index = 0; index * kTileWidth < hashes.size(); ++index) {
    const unsigned width = tile_width(hashes.size(), index);
    const auto part = hashes.subspan(index * kTileWidth, width);
    compare_tile({level, index, width}, {part.begin(), part.end()});
    if (width == kTileWidth) roots.push_back(crypto::tree_root(part));
  }
  if (!roots.empty()) compare_level(level + 1, roots);
}

Result<std::optional<TreeHash>> LogRebuilder::rebuild_all() {
  if (size_ > kVerifiedEntriesMax) {
    return Error(ErrorCode::limit_exceeded, cat("the log states ", size_, " entries"));
  }
  const uint64_t bundles = (size_ + kTileWidth - 1) / kTileWidth;
  // Otherwise a false size alone would cost as many attempts to open a file.
  if (bundles != 0) {
    const TileId last{std::nullopt, bundles - 1, tile_width(size_, bundles - 1)};
    if (auto bundle = request_.store.read(last); !bundle) {
      refuse(last, LogCode::entries_missing, bundle.error().message());
      return std::optional<TreeHash>();
    }
  }
  roots_.resize(bundles);
  auto status = parallel_for(bundles, request_.threads,
                             [&](size_t index, unsigned) { return rebuild_bundle(index); });
  if (!status) return std::move(status).error();
  answer_.bytes = bytes_;
  if (!complete_) return std::optional<TreeHash>();
  const auto full = std::span(roots_).first(size_ / kTileWidth);
  if (!full.empty()) compare_level(1, full);
  return std::optional(crypto::tree_root(roots_));
}

// The log must continue a checkpoint that was kept earlier. Tiles are known to be right.
Status continue_older(const VerifyLogRequest& request, VerifiedLog& answer) {
  LogReasons reasons;
  const auto older = request.policy.judge_log(*request.older, reasons);
  if (!older) {
    return malformed(cat("the older checkpoint: ", reasons.list.front().text));
  }
  std::vector<TreeHash> path;
  if (older->head.size > 0 && older->head.size <= answer.head.size) {
    auto made = LogTree(request.store, answer.head.size).consistency(older->head.size);
    if (!made) return std::move(made).error();
    path = std::move(*made);
  }
  if (older->origin != answer.origin || !crypto::is_consistent(older->head, answer.head, path)) {
    answer.reasons.no(LogCode::inconsistent, cat("the log of ", answer.head.size,
                                                 " entries does not continue the older "
                                                 "checkpoint of ",
                                                 older->head.size));
  }
  return {};
}

}  // namespace

Result<VerifiedLog> verify_log(const VerifyLogRequest& request) {
  const auto text = request.store.checkpoint();
  if (!text) return text.error();
  const auto checkpoint = parse_signed_checkpoint(*text);
  if (!checkpoint) return Error(checkpoint.error()).within("checkpoint");
  VerifiedLog answer;
  answer.origin = checkpoint->checkpoint.origin;
  answer.head = checkpoint->checkpoint.head;
  if (auto trusted = request.policy.judge(*checkpoint, answer.reasons)) {
    answer.witnesses = std::move(trusted->witnesses);
  }
  if (request.progress != nullptr) {
    request.progress->begin("verify", answer.head.size, Progress::Unit::steps);
  }
  const auto root = LogRebuilder(request, answer).rebuild();
  if (request.progress != nullptr) request.progress->end();
  if (!root) return root.error();
  if (*root && **root != answer.head.root) {
    answer.reasons.no(LogCode::root_differs, "the entries do not lead to the checkpoint's root");
  }
  if (answer.reasons.good() && request.older != nullptr) {
    if (auto status = continue_older(request, answer); !status) return std::move(status).error();
  }
  return answer;
}

}  // namespace wmk::claims
