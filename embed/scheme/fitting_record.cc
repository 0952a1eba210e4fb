#include "embed/scheme/fitting_record.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/rename.h"
#include "checkpoint/checkpoint.h"
#include "embed/scheme/release_digest.h"

namespace wmk::embed {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRecordSuffix = ".mark";

std::vector<std::string> digests_of(const std::vector<fs::path>& releases) {
  std::vector<std::string> digests;
  for (const fs::path& path : releases) {
    const auto release = checkpoint::Checkpoint::open(path);
    if (!release) continue;
    auto digest = release_digest(*release);
    if (digest) digests.push_back(std::move(*digest));
  }
  return digests;
}

struct Candidates {
  Result<MarkRecord> record;
  std::optional<MarkRecord> newer;  // only if it fits and `record` does not
};

Candidates candidates_at(const fs::path& path, std::vector<fs::path> releases) {
  Candidates out{read_record(path), std::nullopt};
  std::error_code ignored;
  if (!fs::exists(new_record_path(path), ignored)) return out;
  auto newer = read_record(new_record_path(path));
  if (!newer) return out;
  if (path.extension() == kRecordSuffix) releases.push_back(fs::path(path).replace_extension());
  const std::vector<std::string> digests = digests_of(releases);
  const auto fits = [&](const MarkRecord& record) {
    return std::find(digests.begin(), digests.end(), record.release_digest) != digests.end();
  };
  if (fits(*newer) && !(out.record && fits(*out.record))) out.newer = std::move(*newer);
  return out;
}

}  // namespace

std::filesystem::path default_record_path(const std::filesystem::path& release) {
  std::filesystem::path path = release.lexically_normal();
  if (path.filename().empty()) path = path.parent_path();
  return path += ".mark";
}

fs::path new_record_path(const fs::path& record) { return with_suffix(record, ".new"); }

Result<MarkRecord> read_fitting_record(const fs::path& path, std::vector<fs::path> releases) {
  Candidates found = candidates_at(path, std::move(releases));
  if (found.newer) return std::move(*found.newer);
  return std::move(found.record);
}

Status settle_records(const fs::path& path, std::vector<fs::path> releases) {
  if (!candidates_at(path, std::move(releases)).newer) return {};
  return rename_file(new_record_path(path), path, true);
}

}  // namespace wmk::embed
