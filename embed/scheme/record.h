// The mark record, which the owner keeps with the key (specs/mark-record.md).
//
//   weightmark mark record, version 1 \n  <protobuf MarkRecord>
//
// Lifetime: a value. Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "embed/scheme/structure.h"
#include "embed/sites/site.h"

namespace wmk::embed {

inline constexpr std::string_view kScheme = "ctss-v1";

struct RecordedFrame {
  std::string structure;  // "share/0", "trace", "trace/tags"
  Frame frame;
};

// What embed found in the release that it had written (embed/mark/read_back.h).
struct ReadBack {
  uint64_t weights = 0;        // read, at most all that were marked
  std::vector<double> z = {};  // of each share, or of the licensee
  double total = 0;            // z of all shares together
  double length = 1;           // of the sketch that was read (embed/read/score.h)
};

// The same for a site beside the FFN.
struct SiteReadBack {
  Site site = Site::heads;
  uint64_t weights = 0;
  std::vector<double> z = {};  // of each share, or of the licensee
  double total = 0;
};

struct MarkRecord {
  std::string key_fingerprint;
  double strength = 0;
  unsigned shares = 0;  // 0 for a licensee's mark
  uint64_t weights = 0;
  uint64_t units = 0;
  uint64_t width = 0;
  bool string_labels = true;
  std::string licensee;
  std::string family;
  std::vector<RecordedFrame> frames;
  Sites sites{{true, false, false}};          // that were marked
  size_t output_pairs = 0;                    // K, where the output head was marked
  uint64_t output_rows = 0;                   // V, of the output head
  ReadBack read_back;                         // of the FFN; empty where that was not marked
  std::vector<SiteReadBack> site_read_backs;  // of other sites, those that were read back
  // label_hashes of the release's tokenizer, if it has one (embed/scheme/label_set.h).
  std::vector<uint64_t> labels;
  std::string release_digest;  // 32 bytes: embed/scheme/release_digest.h

  const Frame* find(std::string_view structure) const;
};

// "share/2" or "trace".
std::string structure_name(const Structure& structure, unsigned share);

Status write_record(const std::filesystem::path& path, const MarkRecord& record, bool replace);
// Checks the first line, sizes and digests; a damaged record is an Error (malformed).
Result<MarkRecord> read_record(const std::filesystem::path& path);

}  // namespace wmk::embed
