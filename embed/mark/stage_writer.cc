#include "embed/mark/stage_writer.h"

#include <algorithm>

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

Result<StageWriter> StageWriter::make(const MarkedWeights& what, const WriteOptions& options) {
  auto rewritten = what.ffn != nullptr
                       ? rewritten_tensors(what.checkpoint, what.anatomy)
                       : Result(std::vector<bool>(what.checkpoint.tensors().size(), false));
  if (!rewritten) return std::move(rewritten).error();
  for (const size_t tensor : what.written) (*rewritten)[tensor] = true;
  StageWriter out(what, options);
  out.pieces_ = what.copy.pieces(*rewritten);
  return out;
}

bool StageWriter::all_finished(const std::vector<size_t>& files) const {
  return std::all_of(files.begin(), files.end(),
                     [&](size_t file) { return what_.copy.is_finished(file); });
}

std::vector<checkpoint::UnitBlock> StageWriter::blocks_of(const Stage& stage) const {
  std::vector<checkpoint::UnitBlock> out;
  for (const size_t group : stage.groups) {
    if (all_finished(files_of(what_.checkpoint, what_.anatomy.groups[group]))) continue;
    const auto more =
        checkpoint::blocks_of(what_.checkpoint, what_.anatomy, group, options_.block_bytes);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

std::vector<size_t> StageWriter::heads_of(const Stage& stage) const {
  std::vector<size_t> out;
  for (const size_t layer : stage.head_layers) {
    if (!all_finished(files_of(what_.checkpoint, what_.anatomy.heads.layers[layer]))) {
      out.push_back(layer);
    }
  }
  return out;
}

std::vector<checkpoint::CheckpointCopy::Piece> StageWriter::pieces_of(const Stage& stage) const {
  std::vector<checkpoint::CheckpointCopy::Piece> out;
  for (const auto& piece : pieces_) {
    const bool is_here =
        std::find(stage.files.begin(), stage.files.end(), piece.file) != stage.files.end();
    if (is_here && !what_.copy.is_finished(piece.file)) out.push_back(piece);
  }
  return out;
}

Status StageWriter::write(const Stage& stage, StageChange& change) const {
  struct Worker {
    UnitBytes bytes;
    Marker::Worker marker;
    HeadMarker::Worker heads;
  };
  const auto blocks = blocks_of(stage);
  const auto layers = heads_of(stage);
  const auto pieces = pieces_of(stage);
  std::vector<Worker> workers(std::max(1u, options_.threads));
  // One entry for each block and layer, so that the sums are the same for any number of threads.
  std::vector<Change> changes(blocks.size()), head_changes(layers.size());
  StripeWriter writer(what_.checkpoint, what_.anatomy, blocks, what_.copy);
  const auto mark_block = [&](size_t index, Worker& worker) -> Status {
    Status status = worker.bytes.read(what_.checkpoint, what_.anatomy, blocks[index]);
    if (!status) return status;
    worker.marker.mark(*what_.ffn, worker.bytes, changes[index]);
    return writer.write(index, worker.bytes);
  };
  const auto advance = [&](uint64_t bytes) {
    if (options_.progress) options_.progress->advance(bytes);
  };
  const Tasks tasks(blocks.size(), pieces.size());
  const auto work = [&](size_t index, unsigned w) -> Status {
    if (index < layers.size()) {
      advance(0);
      return workers[w].heads.mark(*what_.heads, layers[index], what_.copy, head_changes[index]);
    }
    const size_t task = index - layers.size(), piece = tasks.pieces_before(task);
    const bool copies = tasks.is_piece(task);
    Status status =
        copies ? what_.copy.copy_piece(pieces[piece]) : mark_block(task - piece, workers[w]);
    advance(copies ? pieces[piece].bytes() : workers[w].bytes.bytes_read());
    return status;
  };
  Status status =
      parallel_for(layers.size() + tasks.size(), static_cast<unsigned>(workers.size()), work);
  for (const Change& each : changes) change.ffn += each;
  for (const Change& each : head_changes) change.heads += each;
  return status;
}

}  // namespace wmk::embed
