#include "claims/log/policy.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::claims {

using crypto::NoteSigned;

Result<SignedCheckpoint> parse_signed_checkpoint(std::string_view text) {
  auto note = crypto::parse_note(text);
  if (!note) return std::move(note).error();
  auto checkpoint = crypto::parse_checkpoint(note->text);
  if (!checkpoint) return std::move(checkpoint).error();
  return SignedCheckpoint{std::move(*note), std::move(*checkpoint)};
}

Policy Policy::of_log(crypto::NoteVerifier log) {
  Policy out;
  out.logs_.push_back({std::move(log), {}});
  return out;
}

bool Policy::is_quorum(const std::vector<Cosigned>& witnesses) const {
  if (!quorum_) return true;
  std::vector<bool> cosigned(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.members.empty()) {
      cosigned[i] = std::ranges::find(witnesses, node.name, &Cosigned::name) != witnesses.end();
    } else {
      const auto count =
          std::ranges::count_if(node.members, [&](size_t member) { return cosigned[member]; });
      cosigned[i] = static_cast<size_t>(count) >= node.threshold;
    }
  }
  return cosigned[*quorum_];
}

std::optional<TrustedCheckpoint> Policy::judge_log(const SignedCheckpoint& checkpoint,
                                                   LogReasons& reasons) const {
  const size_t before = reasons.list.size();
  const std::string& origin = checkpoint.checkpoint.origin;
  bool by_log = false;
  for (const PolicyLog& log : logs_) {
    if (log.key.name() != origin) continue;
    const NoteSigned state = log.key.answer(checkpoint.note).state;
    by_log = by_log || state == NoteSigned::valid;
    if (state == NoteSigned::invalid) {
      reasons.no(LogCode::log_signature,
                 cat("the signature of the log '", escaped(origin), "' is wrong"));
    }
  }
  if (!by_log && reasons.list.size() == before) {
    reasons.no(LogCode::log_unknown,
               cat("no trusted log of the name '", escaped(origin), "' signed the checkpoint"));
  }
  TrustedCheckpoint out{origin, checkpoint.checkpoint.head, {}};
  for (const PolicyWitness& witness : witnesses_) {
    const auto answer = witness.key.answer(checkpoint.note);
    if (answer.state == NoteSigned::valid) out.witnesses.push_back({witness.name, answer.time});
    if (answer.state == NoteSigned::invalid) {
      reasons.no(LogCode::witness_signature,
                 cat("the cosignature of the witness '", escaped(witness.name), "' is wrong"));
    }
  }
  if (reasons.list.size() != before) return std::nullopt;
  return out;
}

std::optional<TrustedCheckpoint> Policy::judge(const SignedCheckpoint& checkpoint,
                                               LogReasons& reasons) const {
  auto out = judge_log(checkpoint, reasons);
  if (out && !is_quorum(out->witnesses)) {
    reasons.no(LogCode::quorum,
               cat(out->witnesses.size(), " of ", witnesses_.size(),
                   " witnesses cosigned the checkpoint, which is not the policy's quorum"));
    return std::nullopt;
  }
  return out;
}

}  // namespace wmk::claims
