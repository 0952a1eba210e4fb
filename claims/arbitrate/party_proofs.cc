#include "claims/arbitrate/party_proofs.h"

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "claims/log/bundle_entry.h"
#include "claims/log/check_proof.h"
#include "claims/log/signer_entries.h"
#include "claims/log/verify_log.h"

namespace wmk::claims {

namespace {

namespace fs = std::filesystem;

struct Leaf {
  crypto::TreeHash hash;
  const ClaimLine* line;
};

// Of the statements that a log accepts.
std::vector<Leaf> leaves_of(const Party& party) {
  const sign::PublicKey* key = party.signer ? &party.key() : nullptr;
  std::vector<Leaf> out;
  for (const ClaimLine& line : party.lines) {
    if (const auto hash = bundle_leaf(line.bundle, key)) out.push_back({*hash, &line});
  }
  return out;
}

void take_proof(const ProvenEntry& proven, const std::string& file, StatementFacts& facts) {
  const TrustedCheckpoint& checkpoint = proven.checkpoint;
  LoggedStatement now{checkpoint.origin, proven.index, checkpoint.head.size, file};
  for (const Cosigned& each : checkpoint.witnesses) {
    const auto seconds = static_cast<int64_t>(each.time);
    facts.times.push_back({seconds, cat("witness ", each.name), cat("witness:", each.name)});
    now.seconds = std::max(now.seconds.value_or(seconds), seconds);
  }
  const bool is_earlier =
      facts.logged && now.seconds && now.seconds < facts.logged->seconds.value_or(INT64_MAX);
  if (!facts.logged || is_earlier) facts.logged = std::move(now);
}

// Statements that no finding is about count as proven as well.
Result<bool> is_placed(const std::string& file, const TlogProof& proof,
                       const std::vector<Leaf>& leaves, const Policy& policy, Party& party) {
  const auto checkpoint = parse_signed_checkpoint(proof.checkpoint);
  if (!checkpoint) return checkpoint.error();
  const crypto::TreeHead& head = checkpoint->checkpoint.head;
  for (const Leaf& leaf : leaves) {
    // Hashes first: a folder of proofs and statements that do not belong together is quick.
    if (!leads_to_root(leaf.hash, proof, head)) continue;
    LogReasons reasons;
    const auto proven = check_proof(leaf.hash, proof, policy, reasons);
    if (!proven) return proven.error();
    if (!*proven) continue;
    const std::string digest = to_hex(commitment_digest(leaf.line->bundle.payload));
    std::vector<StatementFacts*> known = {&party.committed, &party.disclosed, &party.released};
    for (StatementFacts& other : party.disclosed_too) known.push_back(&other);
    for (StatementFacts* facts : known) {
      if (facts->digest == digest) take_proof(**proven, file, *facts);
    }
    return true;
  }
  return false;
}

// Entries of the signer that the claim shows to be no commitments.
Result<uint64_t> count_others(const Party& party, const TileStore& store, uint64_t size) {
  std::set<crypto::TreeHash> leaves;
  for (const Leaf& leaf : leaves_of(party)) {
    if (leaf.line->type != kCommitmentType) leaves.insert(leaf.hash);
  }
  const auto found = LogTree(store, size).find_all(leaves);
  if (!found) return found.error();
  return found->size();
}

// Entries by the signer and by every other key that the trust folder binds to the same party, which
// could have made the luckiest commitment with any of them. The same signature that was logged
// twice is one statement.
Result<uint64_t> count_distinct(const TrustFolder& trust, const Party& party,
                                const TileStore& store, uint64_t size) {
  LogTree tree(store, size);
  std::set<crypto::TreeHash> leaves;
  for (const TrustedKey& each : trust.keys) {
    const bool is_same = each.role != Role::none && each.role == party.signer->role;
    if (&each != party.signer && !is_same) continue;
    const auto entries = signer_entries(store, size, each.key);
    if (!entries) return entries.error();
    for (const uint64_t index : *entries) {
      const auto leaf = tree.leaf(index);
      if (!leaf) return leaf.error();
      leaves.insert(*leaf);
    }
  }
  return leaves.size();
}

Result<bool> has_commitment(const Party& party, const TileStore& store, uint64_t size) {
  const LogTree tree(store, size);
  for (const Leaf& leaf : leaves_of(party)) {
    if (to_hex(commitment_digest(leaf.line->bundle.payload)) != party.committed.digest) continue;
    const auto index = tree.find(leaf.hash);
    if (!index) return index.error();
    return index->has_value();
  }
  return false;
}

}  // namespace

Status attach_proofs(const fs::path& proofs, const TrustFolder& trust, Party& party) {
  const auto files = files_of(proofs, ".tlog-proof", kClaimsMax);
  if (!files) return files.error();
  const std::vector<Leaf> leaves = leaves_of(party);
  for (const fs::path& file : *files) {
    const auto text = read_text(file, kProofBytesMax);
    if (!text) return text.error();
    const auto proof = parse_tlog_proof(*text);
    if (!proof) return Error(proof.error()).within(escaped(file.string()));
    auto placed = trust.policy
                      ? is_placed(file.filename().string(), *proof, leaves, *trust.policy, party)
                      : Result<bool>(false);
    if (!placed) return std::move(placed).error().within(escaped(file.string()));
    if (!*placed) party.unproven.push_back(file.filename().string());
  }
  return {};
}

Result<CommitmentCount> count_commitments(const std::vector<fs::path>& logs,
                                          const TrustFolder& trust, const Party& party,
                                          unsigned threads, Progress* progress) {
  CommitmentCount out;
  const auto unknown = [&out](std::string_view code, std::string why) {
    out.code = code;
    out.why_not = std::move(why);
    return out;
  };
  if (!trust.policy) return unknown("policy_missing", "the trust folder has no policy");
  if (logs.empty()) return unknown("log_missing", "no copy of a log was given (--log)");
  std::set<std::string> origins;
  uint64_t others = 0;
  bool is_there = false;
  for (const fs::path& folder : logs) {
    const TileStore store(folder);
    auto log = verify_log({store, *trust.policy, nullptr, threads, progress});
    if (!log) return std::move(log).error().within(escaped(folder.string()));
    if (!log->reasons.good()) {
      return unknown(to_string(log->reasons.list.front().code),
                     cat("a log is bad: ", log->reasons.list.front().text));
    }
    if (!origins.insert(log->origin).second) continue;  // the same log twice
    if (const uint64_t size = party.proven_size(log->origin); size > log->head.size) {
      return unknown("log_stale", cat("a copy of ", escaped(log->origin), " has ", log->head.size,
                                      " entries, and a proof of the claim is to ", size));
    }
    const auto distinct = count_distinct(trust, party, store, log->head.size);
    if (!distinct) return distinct.error();
    const auto shown = count_others(party, store, log->head.size);
    if (!shown) return shown.error();
    const auto found = has_commitment(party, store, log->head.size);
    if (!found) return found.error();
    out.entries += *distinct;
    others += *shown;
    is_there = is_there || *found;
  }
  if (!is_there)
    return unknown("commitment_not_logged", "no log that was given has the commitment");
  if (origins.size() < trust.policy->logs().size()) {
    return unknown("log_missing", cat("the policy names ", trust.policy->logs().size(),
                                      " logs, and ", origins.size(), " were given (--log)"));
  }
  if (!trust.policy->needs_witnesses()) {
    return unknown("log_unwitnessed",
                   "the policy asks for no witnesses, so the count is the claimant's word");
  }
  out.commitments = std::max<uint64_t>(out.entries - std::min(out.entries, others), 1);
  return out;
}

}  // namespace wmk::claims
