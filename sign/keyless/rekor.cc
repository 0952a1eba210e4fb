#include "sign/keyless/rekor.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/encoding.h"
#include "crypto/note.h"
#include "sign/keyless/entry_body.h"

namespace wmk::sign {

namespace {

bool refuse_proof(Findings& findings, const TrustedLog& log, std::string_view why) {
  return findings.no(Code::log_proof, cat("the log ", escaped(log.name), ": ", why));
}

// Rekor v1 names the origin with the number of its tree: "rekor.sigstore.dev -
// 1193050959916656506".
bool is_origin_of(std::string_view origin, std::string_view name) {
  return origin == name || origin.starts_with(cat(name, " - "));
}

// Whether the signature line names this log's key; others, such as those of witnesses, are ignored.
bool names_log(const crypto::NoteSignature& signature, const LogEntry& entry,
               const TrustedLog& log) {
  const bool second = is_of_second_rekor(entry);
  const Bytes id = second ? log.key.note_id(signature.name) : log.key.key_id();
  return std::ranges::equal(std::span(id).first(signature.id.size()), signature.id) &&
         (!second || id == log.id);
}

// The head of the tree that the log signed; nullopt, with a reason, if it did not.
std::optional<crypto::TreeHead> signed_head(const LogEntry& entry, const TrustedLog& log,
                                            Findings& findings) {
  const auto refuse = [&](std::string_view why) {
    refuse_proof(findings, log, why);
    return std::nullopt;
  };
  const auto note = crypto::parse_note(entry.proof->checkpoint);
  if (!note) return refuse(note.error().message());
  const auto checkpoint = crypto::parse_checkpoint(note->text);
  if (!checkpoint) return refuse(checkpoint.error().message());
  bool by_log = false;
  for (const crypto::NoteSignature& signature : note->signatures) {
    if (!names_log(signature, entry, log)) continue;
    if (!is_origin_of(checkpoint->origin, signature.name)) {
      return refuse("the checkpoint is of another origin");
    }
    if (!log.key.verifies(as_bytes(note->text), signature.bytes)) {
      return refuse("the checkpoint's signature is not valid");
    }
    by_log = true;
  }
  if (!by_log) return refuse("the checkpoint was not signed by this log");
  return checkpoint->head;
}

}  // namespace

const TrustedLog* log_of(const LogEntry& entry, const TrustedRoot& root) {
  const auto found = std::ranges::find(root.logs, entry.log_id, &TrustedLog::id);
  return found == root.logs.end() ? nullptr : &*found;
}

bool has_valid_promise(const LogEntry& entry, const TrustedLog& log, Findings& findings) {
  const std::string message =
      cat(R"({"body":")", crypto::to_base64(as_bytes(entry.body)), R"(","integratedTime":)",
          entry.time, R"(,"logID":")", to_hex(entry.log_id), R"(","logIndex":)", entry.index, "}");
  return log.key.verifies(as_bytes(message), entry.promise) ||
         refuse_proof(findings, log, "its signed entry timestamp is not valid");
}

bool is_included(const LogEntry& entry, const TrustedLog& log, Findings& findings) {
  if (!entry.proof) return refuse_proof(findings, log, "there is no proof of inclusion");
  const InclusionProof& proof = *entry.proof;
  if (proof.checkpoint.empty()) return refuse_proof(findings, log, "there is no checkpoint");
  const auto head = signed_head(entry, log, findings);
  if (!head) return false;
  // Size and root of the tree are the checkpoint's. What the bundle states besides must agree.
  if ((proof.size != 0 && proof.size != head->size) ||
      (!proof.root.empty() && !std::ranges::equal(proof.root, head->root))) {
    return refuse_proof(findings, log, "the checkpoint is of another tree than the proof");
  }
  // In v1 the entry's index counts through all trees of the log.
  const uint64_t index = is_of_second_rekor(entry) ? entry.index : proof.index;
  const auto root = crypto::root_by_inclusion(crypto::tree_leaf(as_bytes(entry.body)), index,
                                              head->size, proof.path);
  return root == head->root ||
         refuse_proof(findings, log, "the proof does not lead to the checkpoint's root");
}

}  // namespace wmk::sign
