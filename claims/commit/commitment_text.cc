// Writing commitments; see claims/commit/commitment.h.
#include "claims/commit/commitment.h"
#include "claims/commit/tree.h"
#include "sign/bundle/in_toto.h"

namespace wmk::claims {

std::string commitment_text(const Commitment& commitment) {
  const CommittedMark& mark = commitment.mark;
  json::Writer out = sign::begin_statement(kCommitmentType, commitment.subject, commitment.base);
  out.member("scheme", mark.scheme).key("parameters").begin_object();
  out.member("strength", mark.strength).member("shares", static_cast<uint64_t>(mark.shares));
  out.key("sites").begin_array();
  for (const embed::Site site : embed::kSites) {
    if (mark.sites[site]) out.value(to_string(site));
  }
  out.end_array().member("width", mark.width).member("weights", mark.weights);
  out.member("labels", mark.string_labels ? "strings" : "ids").end_object();
  out.member("alpha", commitment.alpha).member("lambda", commitment.lambda);
  out.member("rules", to_hex(commitment.rules)).member("program", commitment.program);
  out.member("key", commitment.key).member("nonce", to_hex(commitment.nonce));
  out.member("signer", commitment.signer).key("tree").begin_object();
  out.member("root", to_hex(commitment.root)).member("size", static_cast<uint64_t>(kLeafCount));
  out.key("signer_path").begin_array();
  for (const crypto::TreeHash& hash : commitment.path) out.value(to_hex(hash));
  out.end_array().end_object().key("previous");
  commitment.previous ? out.value(to_hex(*commitment.previous)) : out.null();
  return sign::end_statement(out);
}

}  // namespace wmk::claims
