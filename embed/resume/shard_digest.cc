#include "embed/resume/shard_digest.h"

#include <algorithm>

#include "base/parallel.h"

namespace wmk::embed {

Result<crypto::TreeHash> shard_digest(const ReadFile& file, unsigned threads, Progress* progress) {
  const uint64_t pieces = (file.size() + kShardPieceBytes - 1) / kShardPieceBytes;
  std::vector<crypto::TreeHash> leaves(pieces);
  std::vector<Bytes> buffers(std::max(1u, threads));
  Status status = parallel_for(pieces, static_cast<unsigned>(buffers.size()),
                               [&](size_t piece, unsigned w) -> Status {
                                 const uint64_t begin = piece * kShardPieceBytes;
                                 buffers[w].resize(std::min(kShardPieceBytes, file.size() - begin));
                                 Status read = file.read_at(begin, buffers[w]);
                                 if (!read) return read;
                                 leaves[piece] = crypto::tree_leaf(buffers[w]);
                                 if (progress) progress->advance(buffers[w].size());
                                 return {};
                               });
  if (!status) return std::move(status).error();
  return crypto::tree_root(leaves);
}

}  // namespace wmk::embed
