#include "claims/arbitrate/rekor_entries.h"

#include "sign/bundle/envelope.h"
#include "sign/keyless/keyless.h"
#include "sign/keyless/rekor.h"

namespace wmk::claims {

std::vector<RekorEntry> rekor_entries(const sign::Bundle& bundle, const sign::PublicKey& key,
                                      const sign::TrustedRoot& root) {
  std::vector<RekorEntry> out;
  const sign::SignedContent content{
      sign::pre_authentication(sign::kPayloadType, bundle.payload), bundle.payload, {}};
  const sign::ExpectedIdentity nobody;
  for (const sign::LogEntry& entry : bundle.entries) {
    // By itself: a bad entry must not hide a good one, nor another's time stand for this one's.
    sign::Bundle one = bundle;
    one.entries = {entry};
    one.timestamps.clear();
    sign::KeylessAnswer answer;
    sign::Findings findings;
    if (!sign::verify_keyless({one, content, root, nobody, &key}, answer, findings)) continue;
    const sign::TrustedLog* const log = sign::log_of(entry, root);
    if (log == nullptr || answer.proven.empty()) continue;
    out.push_back({log->name, log->operator_name, entry.index, answer.proven.front().seconds});
  }
  return out;
}

}  // namespace wmk::claims
