#include "embed/mark/embedder.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/write/copy.h"
#include "crypto/key_file.h"
#include "embed/mark/write_weights.h"
#include "embed/scheme/keys.h"

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

}  // namespace

Result<MarkPlan> plan_embedding(const Anatomy& anatomy, const EmbedRequest& request) {
  if (request.licensee && request.licensee->empty()) {
    return Error(ErrorCode::invalid_argument, "a licensee's id must not be empty");
  }
  if (!request.licensee) return plan_mark(anatomy, request.strength, request.shares);
  return plan_mark(anatomy.weight_count(), static_cast<double>(kCodeBits), request.strength, 1);
}

Result<EmbedResult> embed(const Checkpoint& checkpoint, const Anatomy& anatomy,
                          const checkpoint::Vocabulary& vocabulary, const MarkPlan& plan,
                          const EmbedRequest& request) {
  if (auto status = check_markable(checkpoint, anatomy); !status) return std::move(status).error();
  auto copy = checkpoint::CheckpointCopy::begin(checkpoint, request.out, request.replace);
  if (!copy) return std::move(copy).error();
  Status status = try_output(request.record, request.replace);
  if (!status) return std::move(status).error();
  auto structures = make_structures(checkpoint, anatomy, vocabulary.strings,
                                    keys_for(plan, request), request.threads, nullptr);
  if (!structures) return std::move(structures).error();

  EmbedResult result;
  if (request.progress) request.progress->begin("marking", copy->bytes());
  {
    const Projector projector(anatomy, *structures);
    std::vector<Carriers> carriers;
    for (const Structure& s : *structures) carriers.push_back(carriers_for(s, request));
    const double strength = request.licensee ? plan.strength : plan.share_strength();
    const crypto::SecretBytes rounding_key =
        request.licensee ? licensee_rounding_key(structures->front().key, *request.licensee)
                         : share_key(*request.master, 0);
    const Marker marker(checkpoint, anatomy, projector, std::move(carriers), strength,
                        rounding_key);
    status = write_weights(checkpoint, anatomy, marker, *copy,
                           {request.threads, request.block_bytes, request.progress}, result.change);
  }
  if (status) status = copy->copy_companions(result.notes);
  if (request.progress) request.progress->end();
  if (!status) return std::move(status).error();

  // The record comes first: a marked release without its record would be worse than the reverse.
  const MarkRecord record = make_record(anatomy, vocabulary, plan, request, *structures);
  status = write_record(request.record, record, request.replace);
  if (status) status = copy->commit();
  if (!status) return std::move(status).error();
  result.bytes_written = copy->bytes();
  return result;
}

}  // namespace wmk::embed
