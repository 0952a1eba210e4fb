#include "embed/scheme/record.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"
#include "crypto/blake2b.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/message_file.h"
#include "embed/scheme/record_sites.h"
#include "embed/scheme/strength.h"
#include "proto/mark_record.pb.h"

namespace wmk::embed {

namespace {

constexpr MessageFormat kRecordFormat = {
    "weightmark mark record, version 1\n", "not a mark record of version 1",
    "the mark record is damaged: it cannot be parsed", 1ull << 30};
constexpr uint64_t kWidthMax = 1u << 20;
constexpr uint64_t kRowsMax = 1024;
constexpr size_t kDigestBytes = 32;

std::string digest_of(std::string_view values) {
  std::string digest(kDigestBytes, '\0');
  crypto::blake2b({}, as_bytes(values), std::as_writable_bytes(std::span(digest)));
  return digest;
}

Error damaged(std::string_view what) {
  return Error(ErrorCode::malformed, cat("the mark record is damaged: ", what));
}

Result<RecordedFrame> frame_from(const proto::FrameRecord& from, uint64_t width) {
  const std::string name = escaped(from.structure());
  if (from.width() != width || from.rows() == 0 || from.rows() > kRowsMax) {
    return damaged(cat("frame '", name, "' has an impossible size"));
  }
  const uint64_t count = static_cast<uint64_t>(from.rows()) * from.width();
  if (from.values().size() != count * sizeof(float)) {
    return damaged(cat("frame '", name, "' is truncated"));
  }
  if (digest_of(from.values()) != from.digest()) {
    return damaged(cat("frame '", name, "' does not match its digest"));
  }
  RecordedFrame out{from.structure(), {from.rows(), from.width(), std::vector<float>(count)}};
  std::memcpy(out.frame.values.data(), from.values().data(), from.values().size());
  for (float value : out.frame.values) {
    if (!std::isfinite(value)) return damaged(cat("frame '", name, "' is not finite"));
  }
  return out;
}

// A message that was cut between two frames still parses, so the set of frames is checked.
Status check_frames(const MarkRecord& record) {
  std::vector<std::pair<std::string, size_t>> expected;  // name, rows
  const Sizes share = structure_sizes(record.width, StructureRole::share);
  const Sizes trace = structure_sizes(record.width, StructureRole::trace);
  for (unsigned i = 0; i < record.shares; ++i) expected.emplace_back(cat("share/", i), share.r);
  if (record.shares == 0) expected = {{"trace", trace.r}, {"trace/tags", trace.tag_rows}};
  if (record.frames.size() != expected.size()) {
    return damaged(cat("it has ", record.frames.size(), " frames instead of ", expected.size()));
  }
  for (const auto& [name, rows] : expected) {
    const Frame* frame = record.find(name);
    if (!frame) return damaged(cat("it has no frame '", name, "'"));
    if (frame->rows != rows) return damaged(cat("frame '", name, "' has an impossible size"));
  }
  return {};
}

Status take_marking(const proto::MarkRecord& from, MarkRecord& out) {
  if (!take_sites(from, out)) return damaged("impossible sites");
  if (!take_read_back(from, out)) return damaged("impossible numbers of what was read back");
  out.release_digest = from.release_digest();
  if (out.release_digest.size() != kDigestBytes) return damaged("it has no digest of the release");
  return {};
}

// Sorted, without repeats; none where rows are labelled by number.
Status take_labels(const std::string& from, MarkRecord& out) {
  out.labels.resize(from.size() / sizeof(uint64_t));
  for (size_t i = 0; i < out.labels.size(); ++i) {
    out.labels[i] = load_le<uint64_t>(from.data() + i * sizeof(uint64_t));
    if (i > 0 && out.labels[i] <= out.labels[i - 1]) return damaged("its labels are not sorted");
  }
  if (from.size() % sizeof(uint64_t) != 0 || out.string_labels == from.empty()) {
    return damaged("impossible labels");
  }
  return {};
}

Result<MarkRecord> record_from(const proto::MarkRecord& from) {
  if (from.scheme().empty()) return damaged("it has no scheme");
  if (from.scheme() != kScheme) {
    return Error(ErrorCode::unsupported,
                 cat("the mark record uses scheme '", escaped(from.scheme()), "', not ", kScheme));
  }
  if (from.width() == 0 || from.width() > kWidthMax) return damaged("impossible width");
  if (from.shares() > kSharesMax) return damaged("impossible number of shares");
  if (!(from.strength() >= kStrengthMin && from.strength() <= kStrengthMax)) {
    return damaged("impossible strength");
  }
  if (!is_utf8(from.key_fingerprint()) || !is_utf8(from.licensee()) || !is_utf8(from.family())) {
    return damaged("its key, licensee or family is not named in UTF-8");
  }
  MarkRecord out;
  out.key_fingerprint = from.key_fingerprint();
  out.strength = from.strength();
  out.shares = from.shares();
  out.weights = from.weights();
  out.units = from.units();
  out.width = from.width();
  out.string_labels = from.labels() != "ids";
  out.licensee = from.licensee();
  out.family = from.family();
  for (const proto::FrameRecord& frame : from.frames()) {
    auto read = frame_from(frame, from.width());
    if (!read) return std::move(read).error();
    out.frames.push_back(std::move(*read));
  }
  Status status = check_frames(out);
  if (status) status = take_marking(from, out);
  if (status) status = take_labels(from.label_hashes(), out);
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace

const Frame* MarkRecord::find(std::string_view structure) const {
  for (const RecordedFrame& recorded : frames) {
    if (recorded.structure == structure) return &recorded.frame;
  }
  return nullptr;
}

std::string structure_name(const Structure& structure, unsigned share) {
  return structure.role == StructureRole::trace ? "trace" : cat("share/", share);
}

Status write_record(const std::filesystem::path& path, const MarkRecord& record, bool replace) {
  proto::MarkRecord out;
  out.set_scheme(std::string(kScheme));
  out.set_key_fingerprint(record.key_fingerprint);
  out.set_strength(record.strength);
  out.set_shares(record.shares);
  out.set_weights(record.weights);
  out.set_units(record.units);
  out.set_width(record.width);
  out.set_labels(record.string_labels ? "strings" : "ids");
  out.set_licensee(record.licensee);
  out.set_family(record.family);
  out.set_program("weightmark");
  put_sites(record, out);
  out.set_release_digest(record.release_digest);
  for (const uint64_t hash : record.labels) {
    char bytes[sizeof hash];
    store_le(bytes, hash);
    out.mutable_label_hashes()->append(bytes, sizeof bytes);
  }
  for (const RecordedFrame& recorded : record.frames) {
    proto::FrameRecord& frame = *out.add_frames();
    frame.set_structure(recorded.structure);
    frame.set_rows(static_cast<uint32_t>(recorded.frame.rows));
    frame.set_width(static_cast<uint32_t>(recorded.frame.width));
    frame.set_values(recorded.frame.values.data(), recorded.frame.values.size() * sizeof(float));
    frame.set_digest(digest_of(frame.values()));
  }
  return write_message(path, kRecordFormat, out, 0600, replace);
}

Result<MarkRecord> read_record(const std::filesystem::path& path) {
  return read_message<proto::MarkRecord>(path, kRecordFormat, record_from);
}

}  // namespace wmk::embed
