#include "embed/embedder.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/text.h"
#include "checkpoint/copy.h"
#include "crypto/key_file.h"
#include "embed/keys.h"
#include "embed/scan.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;

std::vector<StructureKey> keys_for(const MarkPlan& plan, const EmbedRequest& request) {
  std::vector<StructureKey> keys;
  if (request.licensee) {
    keys.push_back({trace_key(*request.master), Width::trace});
    return keys;
  }
  for (unsigned i = 0; i < plan.shares; ++i) {
    keys.push_back({share_key(*request.master, i), Width::share});
  }
  return keys;
}

Carriers carriers_for(const Structure& structure, const EmbedRequest& request) {
  Carriers carriers;
  std::vector<int8_t> code(kCodeBits, 1);
  if (request.licensee) code = licensee_code(structure.key, *request.licensee);
  for (Kind kind : kKinds) {
    const std::vector<int8_t> signs = carrier(structure, kind);
    const size_t first = kind * signs.size();
    carriers[kind].resize(signs.size());
    for (size_t e = 0; e < signs.size(); ++e) {
      carriers[kind][e] = static_cast<float>(signs[e] * code[(first + e) % kCodeBits]);
    }
  }
  return carriers;
}

// Tensors whose every element lies in a view: their bytes need no copying.
std::vector<bool> rewritten_tensors(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  std::vector<uint64_t> covered(checkpoint.tensors().size(), 0);
  for (const auto& group : anatomy.groups) {
    const uint64_t elements = group.units * anatomy.width;
    if (group.gate) covered[group.gate->tensor] += elements;
    covered[group.up.tensor] += elements;
    covered[group.down.tensor] += elements;
  }
  std::vector<bool> rewritten(covered.size());
  for (size_t i = 0; i < covered.size(); ++i) {
    rewritten[i] = covered[i] > 0 && covered[i] == checkpoint.tensors()[i].elements();
  }
  return rewritten;
}

Status write_block(const Checkpoint& checkpoint, const Anatomy& anatomy,
                   const checkpoint::UnitBlock& block, const UnitBytes& bytes,
                   const checkpoint::CheckpointCopy& copy) {
  const auto& group = anatomy.groups[block.group];
  for (Kind kind : kKinds) {
    if (!bytes.has(kind)) continue;
    const auto& view = kind == gate ? *group.gate : kind == up ? group.up : group.down;
    const checkpoint::Tensor& tensor = checkpoint.tensors()[view.tensor];
    const WriteFile& file = copy.file(tensor.file);
    Status status = bytes.raw[kind].write(checkpoint, file);
    if (!status) return status;
    // Not sooner: blocks of `down` share pages of the file.
    if (block.first + block.units == group.units) file.begin_sync(tensor.offset, tensor.bytes);
  }
  return {};
}

Status mark_blocks(const Checkpoint& checkpoint, const Anatomy& anatomy, const Marker& marker,
                   const checkpoint::CheckpointCopy& copy, const EmbedRequest& request,
                   Change& change) {
  struct Worker {
    UnitBytes bytes;
    Marker::Worker marker;
  };
  std::vector<checkpoint::UnitBlock> blocks;
  for (size_t group = 0; group < anatomy.groups.size(); ++group) {
    const auto more = checkpoint::blocks_of(checkpoint, anatomy, group, request.block_bytes);
    blocks.insert(blocks.end(), more.begin(), more.end());
  }
  std::vector<Worker> workers(std::max(1u, request.threads));
  // By block, so that the sum is the same for any threads.
  std::vector<Change> changes(blocks.size());
  const auto work = [&](size_t index, unsigned w) -> Status {
    Worker& worker = workers[w];
    Status status = worker.bytes.read(checkpoint, anatomy, blocks[index]);
    if (!status) return status;
    worker.marker.mark(marker, worker.bytes, changes[index]);
    status = write_block(checkpoint, anatomy, blocks[index], worker.bytes, copy);
    if (!status) return status;
    if (request.progress) request.progress->advance(worker.bytes.bytes_read());
    return {};
  };
  Status status = parallel_for(blocks.size(), static_cast<unsigned>(workers.size()), work);
  for (const Change& each : changes) change += each;
  return status;
}

// A record that cannot be written is refused before the work, not after it.
Status can_write_record(const EmbedRequest& request) {
  auto probe = PendingOutput::begin(request.record, PendingOutput::Kind::file, request.replace);
  return probe ? Status() : Status(std::move(probe).error());
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
  return plan_mark(anatomy.weight_count(), request.strength, request.shares);
}

Result<EmbedResult> embed(const Checkpoint& checkpoint, const Anatomy& anatomy,
                          const checkpoint::Vocabulary& vocabulary, const MarkPlan& plan,
                          const EmbedRequest& request) {
  if (auto status = check_markable(checkpoint, anatomy); !status) return std::move(status).error();
  auto copy = checkpoint::CheckpointCopy::begin(checkpoint, request.out, request.replace);
  if (!copy) return std::move(copy).error();
  Status status = can_write_record(request);
  if (!status) return std::move(status).error();
  auto structures = make_structures(checkpoint, anatomy, vocabulary.strings,
                                    keys_for(plan, request), request.threads, nullptr);
  if (!structures) return std::move(structures).error();

  EmbedResult result;
  if (request.progress) request.progress->begin("marking", copy->bytes());
  status =
      copy->copy_weights(rewritten_tensors(checkpoint, anatomy), request.threads, request.progress);
  if (!status) return std::move(status).error();
  {
    const Projector projector(anatomy, *structures);
    std::vector<Carriers> carriers;
    for (const Structure& s : *structures) carriers.push_back(carriers_for(s, request));
    const double strength = request.licensee ? plan.strength : plan.share_strength();
    const crypto::SecretBytes rounding_key = share_key(*request.master, 0);
    const Marker marker(checkpoint, anatomy, projector, std::move(carriers), strength,
                        rounding_key);
    status = mark_blocks(checkpoint, anatomy, marker, *copy, request, result.change);
  }
  if (status) status = copy->copy_companions(result.notes);
  if (request.progress) request.progress->end();
  if (!status) return std::move(status).error();

  // The record first: a marked release without its record would be the greater loss.
  const MarkRecord record = make_record(anatomy, vocabulary, plan, request, *structures);
  status = write_record(request.record, record, request.replace);
  if (status) status = copy->commit();
  if (!status) return std::move(status).error();
  result.bytes_written = copy->bytes();
  return result;
}

}  // namespace wmk::embed
