#include "claims/log/witness.h"

#include <algorithm>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/text.h"
#include "claims/log/appender.h"
#include "claims/log/lines.h"
#include "sign/digest.h"

namespace wmk::claims {

namespace fs = std::filesystem;
using crypto::NoteKeyType;
using crypto::NoteSigned;
using crypto::TreeHead;

namespace {

constexpr std::string_view kOld = "old ";

fs::path state_file(const fs::path& state, std::string_view origin) {
  return state / to_hex(sign::sha256(as_bytes(origin))) / "checkpoint";
}

// What this witness cosigned last; an empty tree if nothing.
Result<TreeHead> last_cosigned(const Cosigning& by, const std::string& origin) {
  const fs::path path = state_file(by.state, origin);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return TreeHead{0, crypto::tree_root({})};
  const auto text = read_text(path, crypto::kNoteBytesMax);
  if (!text) return text.error();
  auto last = parse_signed_checkpoint(*text);
  if (!last) return std::move(last).error().within(escaped(path.string()));
  const auto own = by.signer.verifier(NoteKeyType::cosignature).answer(last->note);
  if (own.state != NoteSigned::valid || last->checkpoint.origin != origin) {
    return malformed(cat(escaped(path.string()), ": this witness did not cosign it"));
  }
  return last->checkpoint.head;
}

Status keep(const fs::path& path, const std::string& note) {
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  if (failure) return errno_error(path.parent_path(), "cannot create", failure.value());
  return write_whole(path, as_bytes(note), 0644, true);
}

bool continues(const WitnessRequest& request, const TreeHead& last, const TreeHead& next,
               LogReasons& reasons) {
  if (request.old_size != last.size) {
    return reasons.no(LogCode::old_size, cat("the request starts from ", request.old_size,
                                             " entries, but this witness cosigned ", last.size));
  }
  if (!crypto::is_consistent(last, next, request.path)) {
    return reasons.no(LogCode::inconsistent,
                      cat("the log of ", next.size,
                          " entries does not continue the one that this witness cosigned"));
  }
  return next.size != 0 || next.root == crypto::tree_root({}) ||
         reasons.no(LogCode::inconsistent, "an empty log has another root");
}

}  // namespace

Result<WitnessRequest> parse_witness_request(std::string_view text) {
  if (text.size() > kRequestBytesMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("a request has at most ", kRequestBytesMax, " bytes"));
  }
  WitnessRequest out;
  const auto line = next_line(text);
  const auto size =
      line && line->starts_with(kOld) ? decimal(line->substr(kOld.size())) : std::nullopt;
  if (!size) return malformed("the first line is not 'old N'");
  out.old_size = *size;
  auto path = take_path(text);
  if (!path) return std::move(path).error();
  out.path = std::move(*path);
  out.checkpoint = text;
  return out;
}

std::string witness_request_text(const WitnessRequest& request) {
  return cat(kOld, request.old_size, "\n", path_text(request.path), "\n", request.checkpoint);
}

Result<std::optional<Cosignature>> cosign(const WitnessRequest& request, const Cosigning& by,
                                          LogReasons& reasons) {
  const auto checkpoint = parse_signed_checkpoint(request.checkpoint);
  if (!checkpoint) return checkpoint.error();
  const auto trusted = by.policy.judge_log(*checkpoint, reasons);
  if (!trusted) return std::optional<Cosignature>();
  // Otherwise two requests at once could both continue the same older log.
  std::error_code failure;
  fs::create_directories(by.state, failure);
  if (failure) return errno_error(by.state, "cannot create", failure.value());
  const auto lock = LogLock::take(by.state);
  if (!lock) return lock.error();
  const auto last = last_cosigned(by, trusted->origin);
  if (!last) return last.error();
  if (!continues(request, *last, trusted->head, reasons)) return std::optional<Cosignature>();
  const std::string& text = checkpoint->note.text;
  Cosignature out{crypto::note_signature_line(by.signer.cosign(text, by.seconds)), trusted->origin,
                  trusted->head};
  std::string kept = cat(text, "\n");
  for (const PolicyLog& log : by.policy.logs()) {
    for (const crypto::NoteSignature& each : checkpoint->note.signatures) {
      if (each.name == log.key.name() && each.id == log.key.id()) {
        kept += crypto::note_signature_line(each);
      }
    }
  }
  auto status = keep(state_file(by.state, trusted->origin), kept + out.line);
  if (!status) return std::move(status).error();
  return std::optional(std::move(out));
}

Result<std::optional<Attached>> attach(const std::string& note, std::string_view lines,
                                       const Policy& policy, LogReasons& reasons) {
  const auto checkpoint = parse_signed_checkpoint(note);
  if (!checkpoint) return checkpoint.error();
  const auto answer = crypto::parse_note(cat(checkpoint->note.text, "\n", lines));
  if (!answer) return answer.error();
  Attached out{note, 0};
  for (const crypto::NoteSignature& signature : answer->signatures) {
    const std::string line = crypto::note_signature_line(signature);
    const crypto::SignedNote alone{answer->text, {signature}};
    for (const PolicyWitness& witness : policy.witnesses()) {
      const NoteSigned state = witness.key.answer(alone).state;
      if (state == NoteSigned::invalid) {
        reasons.no(LogCode::witness_signature,
                   cat("the cosignature of the witness '", escaped(witness.name), "' is wrong"));
        return std::optional<Attached>();
      }
      if (state != NoteSigned::valid || out.note.find(line) != out.note.npos) continue;
      out.note += line;
      ++out.added;
    }
  }
  return std::optional(std::move(out));
}

}  // namespace wmk::claims
