#include "embed/mark/write_weights.h"

#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/mark/stripe_writer.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;

// Tensors that marking rewrites completely, so that their bytes need no copying.
Result<std::vector<bool>> rewritten_tensors(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  std::vector<uint64_t> covered(checkpoint.tensors().size(), 0);
  for (const auto& group : anatomy.groups) {
    const uint64_t elements = group.units * anatomy.width;
    if (group.gate) covered[group.gate->tensor] += elements;
    covered[group.up.tensor] += elements;
    covered[group.down.tensor] += elements;
  }
  std::vector<bool> rewritten(covered.size());
  for (size_t i = 0; i < covered.size(); ++i) {
    const checkpoint::Tensor& tensor = checkpoint.tensors()[i];
    rewritten[i] = covered[i] > 0;
    if (!rewritten[i] || covered[i] == tensor.elements()) continue;
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(tensor.name), "': only part of it belongs to neurons"));
  }
  return rewritten;
}

// Spreads the pieces to copy evenly between the blocks to mark, so that some workers compute while
// others write to files.
class Tasks {
 public:
  Tasks(size_t blocks, size_t pieces) : blocks_(blocks), pieces_(pieces) {}
  size_t size() const { return blocks_ + pieces_; }
  size_t pieces_before(size_t task) const { return task * pieces_ / size(); }
  bool is_piece(size_t task) const { return pieces_before(task + 1) > pieces_before(task); }

 private:
  size_t blocks_, pieces_;
};

}  // namespace

Status write_weights(const Checkpoint& checkpoint, const Anatomy& anatomy, const Marker* marker,
                     const std::vector<size_t>& written, const checkpoint::CheckpointCopy& copy,
                     const WriteOptions& options, Change& change) {
  struct Worker {
    UnitBytes bytes;
    Marker::Worker marker;
  };
  std::vector<checkpoint::UnitBlock> blocks;
  for (size_t group = 0; marker != nullptr && group < anatomy.groups.size(); ++group) {
    const auto more = checkpoint::blocks_of(checkpoint, anatomy, group, options.block_bytes);
    blocks.insert(blocks.end(), more.begin(), more.end());
  }
  auto rewritten = marker != nullptr
                       ? rewritten_tensors(checkpoint, anatomy)
                       : Result(std::vector<bool>(checkpoint.tensors().size(), false));
  if (!rewritten) return rewritten.error();
  for (const size_t tensor : written) (*rewritten)[tensor] = true;
  const auto pieces = copy.pieces(*rewritten);
  std::vector<Worker> workers(std::max(1u, options.threads));
  // One entry for each block, so that the sum is the same for any number of threads.
  std::vector<Change> changes(blocks.size());
  StripeWriter writer(checkpoint, anatomy, blocks, copy);
  const auto mark_block = [&](size_t index, Worker& worker) -> Status {
    Status status = worker.bytes.read(checkpoint, anatomy, blocks[index]);
    if (!status) return status;
    worker.marker.mark(*marker, worker.bytes, changes[index]);
    return writer.write(index, worker.bytes);
  };
  const Tasks tasks(blocks.size(), pieces.size());
  const auto work = [&](size_t task, unsigned w) -> Status {
    const size_t piece = tasks.pieces_before(task);
    const bool copies = tasks.is_piece(task);
    Status status = copies ? copy.copy_piece(pieces[piece]) : mark_block(task - piece, workers[w]);
    if (options.progress) {
      options.progress->advance(copies ? pieces[piece].bytes() : workers[w].bytes.bytes_read());
    }
    return status;
  };
  Status status = parallel_for(tasks.size(), static_cast<unsigned>(workers.size()), work);
  for (const Change& each : changes) change += each;
  return status;
}

}  // namespace wmk::embed
