#include "sign/bundle/log_entry.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/json_fields.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

constexpr size_t kLogEntriesMax = 16;
constexpr size_t kPathMax = 64;

// Typed members of one entry; the first that is wrong is a reason.
class EntryReader {
 public:
  EntryReader(const Value& object, Findings& findings) : object_(object), findings_(findings) {}

  // A missing member is 0, as in all JSON of Protocol Buffers.
  void read(std::string_view key, uint64_t& out) {
    const auto found = object_.find(key);
    if (!found) return;
    const auto number = integer(*found);
    number ? void(out = *number) : wrong(key, "a number without a sign");
  }
  void read(std::string_view key, std::string& out) {
    const auto text = text_member(object_, key);
    text ? void(out = *text) : wrong(key, "a string");
  }
  void read(std::string_view key, Bytes& out, bool required) {
    const auto found = object_.find(key);
    if (!required && (!found || found->is(Kind::null))) return;
    const auto text = found ? found->string() : std::nullopt;
    auto bytes = text ? crypto::from_either_base64(*text) : std::nullopt;
    bytes && (!required || !bytes->empty()) ? void(out = std::move(*bytes)) : wrong(key, "base64");
  }
  // nullopt without a reason: not there.
  std::optional<Value> object(std::string_view key) {
    const auto found = object_.find(key);
    if (!found || found->is(Kind::null)) return std::nullopt;
    if (!found->is(Kind::object)) wrong(key, "an object");
    return found->is(Kind::object) ? found : std::nullopt;
  }
  void wrong(std::string_view key, std::string_view what) {
    if (good_) {
      findings_.no(Code::bundle_malformed, cat("'", key, "' of a log entry is not ", what));
    }
    good_ = false;
  }
  bool good() const { return good_; }

 private:
  const Value& object_;
  Findings& findings_;
  bool good_ = true;
};

bool read_path(const Value& proof, std::vector<crypto::TreeHash>& path, EntryReader& reader) {
  const auto list = proof.find("hashes");
  if (!list) return true;
  const std::string_view wanted = "a list of at most 64 hashes";
  if (!list->is(Kind::array) || list->size() > kPathMax) {
    reader.wrong("hashes", wanted);
    return false;
  }
  for (const Value item : *list) {
    const auto text = item.string();
    const auto bytes = text ? crypto::from_either_base64(*text) : std::nullopt;
    crypto::TreeHash hash{};
    if (!bytes || bytes->size() != hash.size()) {
      reader.wrong("hashes", wanted);
      return false;
    }
    std::ranges::copy(*bytes, hash.begin());
    path.push_back(hash);
  }
  return true;
}

bool read_proof(const Value& object, InclusionProof& proof, Findings& findings) {
  EntryReader reader(object, findings);
  reader.read("logIndex", proof.index);
  reader.read("treeSize", proof.size);
  reader.read("rootHash", proof.root, false);
  if (const auto checkpoint = reader.object("checkpoint")) {
    EntryReader inner(*checkpoint, findings);
    inner.read("envelope", proof.checkpoint);
    if (!inner.good()) return false;
  }
  return reader.good() && read_path(object, proof.path, reader);
}

bool read_entry(const Value& object, LogEntry& entry, Findings& findings) {
  EntryReader reader(object, findings);
  reader.read("logIndex", entry.index);
  reader.read("integratedTime", entry.time);
  Bytes body;
  reader.read("canonicalizedBody", body, true);
  entry.body = as_text(body);
  if (const auto id = reader.object("logId")) {
    EntryReader inner(*id, findings);
    inner.read("keyId", entry.log_id, true);
    if (!inner.good()) return false;
  }
  if (const auto kind = reader.object("kindVersion")) {
    EntryReader inner(*kind, findings);
    inner.read("kind", entry.kind);
    inner.read("version", entry.version);
    if (!inner.good()) return false;
  }
  if (const auto promise = reader.object("inclusionPromise")) {
    EntryReader inner(*promise, findings);
    inner.read("signedEntryTimestamp", entry.promise, false);
    if (!inner.good()) return false;
  }
  const auto proof = reader.object("inclusionProof");
  if (!reader.good()) return false;
  return !proof || read_proof(*proof, entry.proof.emplace(), findings);
}

}  // namespace

bool read_log_entries(const Value& list, std::vector<LogEntry>& entries, Findings& findings) {
  if (!list.is(Kind::array) || list.size() > kLogEntriesMax) {
    return findings.no(Code::bundle_malformed,
                       cat("'tlogEntries' is not a list of at most ", kLogEntriesMax));
  }
  for (const Value item : list) {
    if (!item.is(Kind::object)) {
      return findings.no(Code::bundle_malformed, "a log entry is not an object");
    }
    if (!read_entry(item, entries.emplace_back(), findings)) return false;
  }
  return true;
}

}  // namespace wmk::sign
