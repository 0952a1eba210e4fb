#include "embed/mark/embedder.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/write/copy.h"
#include "crypto/key_file.h"
#include "embed/mark/head_marker.h"
#include "embed/mark/publish.h"
#include "embed/mark/write_weights.h"
#include "embed/scheme/keys.h"
#include "embed/scheme/label_set.h"
#include "embed/scheme/release_digest.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;

std::vector<StructureKey> keys_for(const MarkPlan& plan, const EmbedRequest& request) {
  std::vector<StructureKey> keys;
  if (request.licensee) {
    keys.push_back({trace_key(*request.master), StructureRole::trace});
    return keys;
  }
  for (unsigned i = 0; i < plan.shares; ++i) {
    keys.push_back({share_key(*request.master, i), StructureRole::share});
  }
  return keys;
}

Carriers carriers_for(const Structure& structure, const EmbedRequest& request) {
  Carriers carriers;
  WipedVector<int8_t> code(kCodeBits, 1);
  if (request.licensee) code = licensee_code(structure.key, *request.licensee);
  for (VectorKind kind : kVectorKinds) {
    const WipedVector<int8_t> signs = carrier(structure, kind);
    const size_t first = index_of(kind) * signs.size();
    carriers[kind].resize(signs.size());
    for (size_t e = 0; e < signs.size(); ++e) {
      carriers[kind][e] = static_cast<float>(signs[e] * code[(first + e) % kCodeBits]);
    }
  }
  return carriers;
}

MarkRecord make_record(const Anatomy& anatomy, const checkpoint::Vocabulary& vocabulary,
                       const MarkPlan& plan, const EmbedRequest& request,
                       std::vector<Structure>& structures) {
  MarkRecord record;
  record.key_fingerprint = crypto::fingerprint(*request.master);
  record.strength = plan.strength;
  record.shares = request.licensee ? 0 : plan.shares;
  record.weights = plan.weights;
  record.units = anatomy.unit_count();
  record.width = anatomy.width;
  record.string_labels = !vocabulary.source.empty();
  if (record.string_labels) record.labels = label_hashes(vocabulary);
  record.licensee = request.licensee.value_or("");
  record.family = anatomy.family;
  for (unsigned i = 0; i < structures.size(); ++i) {
    const std::string name = structure_name(structures[i], i);
    record.frames.push_back({name, std::move(structures[i].frame)});
    if (structures[i].tag_frame) {
      record.frames.push_back({cat(name, "/tags"), std::move(*structures[i].tag_frame)});
    }
  }
  return record;
}

// Of all units that the shapes promise: those of layers that were left out, and those that the
// marker skipped.
Status check_skipped(const Anatomy& anatomy, const Change& change, const EmbedRequest& request) {
  const uint64_t left_out = anatomy.skipped_unit_count();
  const uint64_t skipped = left_out + change.skipped;
  const uint64_t units = anatomy.unit_count() + left_out;
  const double part = static_cast<double>(skipped) / static_cast<double>(std::max(units, skipped));
  if (request.allow_skipped || skipped == 0 || part <= kSkippedPartMax) return {};
  std::string reason = change.skipped > 0 ? change.reason() : std::string();
  if (left_out > 0) {
    const checkpoint::SkippedUnits& first = anatomy.skipped.front();
    if (!reason.empty()) reason += ", ";
    reason += cat(left_out, " cannot be read, such as those of ", escaped(first.label), " (",
                  escaped(first.reason), ")");
  }
  return Error(ErrorCode::unsupported, cat(skipped, " of ", units, " units (", fixed(100 * part, 1),
                                           " %) cannot be marked: ", reason))
      .with_hint(
          "if that is right, --allow-skipped marks the others; vectors of zeros can also mean norm "
          "weights that were read wrongly: see 'weightmark inspect' and --naming");
}

Status mark_weights(const Checkpoint& checkpoint, const Anatomy& anatomy, const MarkPlan& plan,
                    const EmbedRequest& request, const std::vector<Structure>& structures,
                    const checkpoint::CheckpointCopy& copy, Change& change) {
  const Projector projector(anatomy, structures);
  std::vector<Carriers> carriers;
  for (const Structure& s : structures) carriers.push_back(carriers_for(s, request));
  const double strength = request.licensee ? plan.strength : plan.share_strength();
  const crypto::SecretBytes rounding_key =
      request.licensee ? licensee_rounding_key(structures.front().key, *request.licensee)
                       : share_key(*request.master, 0);
  const Marker marker(checkpoint, anatomy, projector, std::move(carriers), strength, rounding_key);
  Status status = write_weights(checkpoint, anatomy, marker, copy,
                                {request.threads, request.block_bytes, request.progress}, change);
  return status ? check_skipped(anatomy, change, request) : std::move(status);
}

// The heads of attention, in a copy whose other bytes are written. A licensee's mark has none.
Status mark_heads(const Checkpoint& checkpoint, const Anatomy& anatomy, const MarkPlan& plan,
                  const EmbedRequest& request, const std::vector<Structure>& structures,
                  const checkpoint::CheckpointCopy& copy, Change& change) {
  if (request.licensee || !request.sites[Site::heads]) return {};
  const CircuitReader reader(checkpoint, anatomy, structures);
  const crypto::SecretBytes rounding_key = share_key(*request.master, 0);
  const HeadMarker marker(checkpoint, reader, plan.share_strength(), rounding_key);
  return write_heads(marker, copy, request.threads, request.progress, change);
}

}  // namespace

Result<MarkPlan> plan_embedding(const Anatomy& anatomy, const EmbedRequest& request) {
  if (request.licensee && request.licensee->empty()) {
    return Error(ErrorCode::invalid_argument, "a licensee's id must not be empty");
  }
  if (auto status = check_skipped(anatomy, {}, request); !status) return std::move(status).error();
  if (!request.licensee) return plan_mark(anatomy, request.strength, request.shares);
  return plan_mark(anatomy.weight_count(), static_cast<double>(kCodeBits), request.strength, 1);
}

Result<EmbedResult> embed(const Checkpoint& checkpoint, const Anatomy& anatomy,
                          const checkpoint::Vocabulary& vocabulary, const MarkPlan& plan,
                          const EmbedRequest& request) {
  if (auto status = check_markable(checkpoint, anatomy, request.sites); !status)
    return std::move(status).error();
  auto companions = checkpoint::plan_companions(checkpoint, request.companions);
  if (!companions) return std::move(companions).error();
  auto copy = checkpoint::CheckpointCopy::begin(checkpoint, request.out, request.replace);
  if (!copy) return std::move(copy).error();
  Status status = try_output(request.record, request.replace);
  if (!status) return std::move(status).error();
  auto structures = make_structures(checkpoint, anatomy, vocabulary.strings,
                                    keys_for(plan, request), request.threads, nullptr);
  if (!structures) return std::move(structures).error();

  EmbedResult result;
  result.bytes_written = copy->bytes();
  if (request.progress) request.progress->begin("marking", copy->bytes());
  status = mark_weights(checkpoint, anatomy, plan, request, *structures, *copy, result.change);
  if (status) {
    status = mark_heads(checkpoint, anatomy, plan, request, *structures, *copy, result.head_change);
  }
  if (request.progress) request.progress->end();
  if (status) status = copy->copy_companions(*companions);
  if (!status) return std::move(status).error();
  result.companions = std::move(*companions);

  auto written = copy->open_written();
  if (!written) return std::move(written).error();
  auto found = read_back(*written, anatomy, *structures,
                         {plan, request.licensee, request.threads, request.progress});
  if (!found) return std::move(found).error();
  if (status = check_read_back(plan, *found); !status) return std::move(status).error();
  result.read_back = std::move(*found);

  MarkRecord record = make_record(anatomy, vocabulary, plan, request, *structures);
  record.read_back = result.read_back.read;
  auto digest = release_digest(*written);
  if (!digest) return std::move(digest).error();
  record.release_digest = std::move(*digest);
  status = publish(std::move(*copy), record,
                   {request.out, request.record, request.replace, request.before_publish_step});
  if (!status) return std::move(status).error();
  return result;
}

}  // namespace wmk::embed
