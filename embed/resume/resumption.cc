#include "embed/resume/resumption.h"

#include "base/rename.h"
#include "base/text.h"
#include "embed/resume/shard_digest.h"

namespace wmk::embed {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHow =
    "--resume goes on with the same key, model and options; --force without it begins anew";

fs::path journal_path(const checkpoint::CheckpointCopy& copy) {
  return with_suffix(copy.unfinished_path(), ".journal");
}

fs::path new_journal_path(const fs::path& journal) { return with_suffix(journal, ".new"); }

void remove_journal(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
  fs::remove(new_journal_path(path), ignored);
}

std::string name_of(const checkpoint::Checkpoint& source, size_t file) {
  return source.files()[file].path().filename().string();
}

// A link, for instance: what lies behind it is not this program's to change.
Status check_unfinished(const checkpoint::CheckpointCopy& copy, bool is_file) {
  std::error_code ignored;
  const auto status = fs::symlink_status(copy.unfinished_path(), ignored);
  if (is_file ? fs::is_regular_file(status) : fs::is_directory(status)) return {};
  return Error(ErrorCode::invalid_argument,
               cat(escaped(copy.unfinished_path().string()), ": is not what a run leaves, but ",
                   fs::is_symlink(status) ? "a link"
                   : is_file              ? "no file"
                                          : "no folder"))
      .with_hint("remove it, or choose another output");
}

}  // namespace

Result<Resumption> Resumption::begin(checkpoint::CheckpointCopy& copy,
                                     const ResumeRequest& request) {
  Resumption out;
  out.copy_ = &copy;
  out.source_ = &request.source;
  out.master_ = &request.master;
  out.threads_ = request.threads;
  out.progress_ = request.progress;
  out.report_.shards = request.source.files().size();
  const fs::path path = journal_path(copy);
  const bool is_there = is_taken(path) && is_taken(copy.unfinished_path());
  if (is_there && !request.run && !request.replace) {
    return Error(ErrorCode::invalid_argument, cat(escaped(copy.unfinished_path().string()),
                                                  ": an interrupted run has finished shards there"))
        .with_hint(std::string(kHow));
  }
  if (request.run) out.path_ = path;
  if (is_there && request.run) {
    Status status = check_unfinished(copy, request.source.is_single_file());
    if (status) status = out.read_journal(*request.run);
    auto finished = status ? out.verified_shards() : Result<std::vector<bool>>(status.error());
    if (!finished) return std::move(finished).error();
    if (status = copy.go_on(*finished); !status) return std::move(status).error();
    return out;
  }
  remove_journal(path);
  if (request.run) out.journal_.run = *request.run;
  if (Status status = copy.start(); !status) return std::move(status).error();
  return out;
}

Status Resumption::read_journal(const RunIdentity& run) {
  const std::string name = escaped(path_.string());
  auto text = read_text(path_, kJournalBytesMax);
  if (!text) return std::move(text).error();
  auto journal = parse_journal(*std::move(text), *master_);
  if (!journal) return std::move(journal).error().within(name).with_hint(std::string(kHow));
  const std::string reason = difference(journal->run, run);
  if (!reason.empty()) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(copy_->unfinished_path().string()), ": cannot go on: ", reason))
        .with_hint(std::string(kHow));
  }
  journal_ = *std::move(journal);
  stages_before_ = journal_.stages.size();
  return {};
}

// By file. A shard that is not as the journal says, or is no regular file, is written again: that
// gives the same bytes, whatever became of it.
Result<std::vector<bool>> Resumption::verified_shards() {
  const size_t count = source_->files().size();
  std::vector<bool> finished(count);
  std::vector<FinishedShard> kept;
  if (progress_) progress_->begin("verifying", copy_->bytes());
  for (size_t f = 0; f < count; ++f) {
    for (const FinishedShard& shard : journal_.shards) {
      if (shard.name != name_of(*source_, f)) continue;
      const fs::path path = copy_->path_of(f);
      std::error_code ignored;
      const bool is_file = fs::is_regular_file(fs::symlink_status(path, ignored));
      auto file = is_file ? ReadFile::open(path) : Error(ErrorCode::io, "is missing");
      if (file && file->size() == shard.bytes && shard.bytes == source_->files()[f].size()) {
        auto digest = shard_digest(*file, threads_, progress_);
        finished[f] = digest && *digest == shard.digest;
      }
      if (finished[f]) kept.push_back(shard);
      if (!finished[f]) report_.rewritten.push_back(shard.name);
      break;
    }
  }
  if (progress_) progress_->end();
  report_.kept = kept.size();
  journal_.shards = std::move(kept);
  return finished;
}

const StageChange* Resumption::recorded(size_t stage) const {
  return stage < stages_before_ ? &journal_.stages[stage] : nullptr;
}

Status Resumption::finish_stage(size_t stage, const StageChange& change,
                                const std::vector<size_t>& files) {
  if (path_.empty()) return {};
  if (stage >= journal_.stages.size()) journal_.stages.push_back(change);
  bool is_new = false;
  for (const size_t f : files) {
    if (copy_->is_finished(f)) continue;
    auto file = ReadFile::open(copy_->path_of(f));
    if (!file) return std::move(file).error();
    auto digest = shard_digest(*file, threads_, nullptr);
    if (!digest) return std::move(digest).error();
    journal_.shards.push_back({name_of(*source_, f), file->size(), *digest});
    is_new = true;
  }
  return is_new ? save() : Status();
}

// The lock of the output is held, so nobody else writes these files.
Status Resumption::save() {
  const fs::path fresh = new_journal_path(path_);
  std::error_code ignored;
  fs::remove(fresh, ignored);
  auto file = WriteFile::create(fresh, 0600);
  if (!file) return std::move(file).error();
  Status status = file->write_at(0, as_bytes(journal_text(journal_, *master_)));
  if (status) status = file->finish();
  if (status) status = rename_file(fresh, path_, true);
  if (status) copy_->keep_unfinished(true);
  return status;
}

Error Resumption::fail(Error error) {
  if (path_.empty()) return error;
  if (error.code() == ErrorCode::io && is_taken(path_)) {
    return std::move(error).with_hint("finished shards are kept: --resume goes on with them");
  }
  copy_->keep_unfinished(false);
  remove_journal(path_);
  return error;
}

void Resumption::done() {
  if (!path_.empty()) remove_journal(path_);
}

}  // namespace wmk::embed
