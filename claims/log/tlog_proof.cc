#include "claims/log/tlog_proof.h"

#include "base/text.h"
#include "claims/log/lines.h"
#include "crypto/encoding.h"

namespace wmk::claims {

namespace {

constexpr std::string_view kProofHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ", kIndex = "index ";

}  // namespace

Result<TlogProof> parse_tlog_proof(std::string_view text) {
  if (text.size() > kProofBytesMax) {
    return Error(ErrorCode::limit_exceeded, cat("a proof has at most ", kProofBytesMax, " bytes"));
  }
  TlogProof out;
  if (next_line(text) != kProofHeader) {
    return malformed(cat("the first line is not '", kProofHeader, "'"));
  }
  auto line = next_line(text);
  if (line && line->starts_with(kExtra)) {
    out.extra = crypto::from_base64(line->substr(kExtra.size()));
    if (!out.extra || out.extra->empty()) return malformed("'extra' is not followed by base64");
    line = next_line(text);
  }
  const auto index =
      line && line->starts_with(kIndex) ? decimal(line->substr(kIndex.size())) : std::nullopt;
  if (!index) return malformed("there is no line 'index N'");
  out.index = *index;
  auto path = take_path(text);
  if (!path) return std::move(path).error();
  out.path = std::move(*path);
  out.checkpoint = text;
  return out;
}

std::string tlog_proof_text(const TlogProof& proof) {
  std::string out = cat(kProofHeader, "\n");
  if (proof.extra) out += cat(kExtra, crypto::to_base64(*proof.extra), "\n");
  return out + cat(kIndex, proof.index, "\n", path_text(proof.path), "\n", proof.checkpoint);
}

bool leads_to_root(const crypto::TreeHash& leaf, const TlogProof& proof,
                   const crypto::TreeHead& head) {
  return crypto::root_by_inclusion(leaf, proof.index, head.size, proof.path) == head.root;
}

}  // namespace wmk::claims
