#include "checkpoint/distributed/metadata.h"

#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/distributed/attributes.h"
#include "checkpoint/joined/pieces.h"
#include "checkpoint/torch/modules.h"
#include "checkpoint/torch/unpickle.h"

namespace wmk::checkpoint {
namespace {

constexpr size_t kChunksMax = 4'000'000;

class MetadataReader {
 public:
  explicit MetadataReader(const PickleValues& values) : values_(values) {}
  Result<DistributedMetadata> run();

 private:
  bool is_of(PickleRef ref, PickleClass of_class) const {
    return is_object_of(values_, ref, of_class);
  }
  Status index_places(std::span<const PickleRef> pairs);
  Status add(PickleRef name, PickleRef value);
  Result<std::vector<DistributedChunk>> chunks(const std::string& name, PickleRef object);
  Status locate(const std::string& name, DistributedChunk& chunk) const;

  static std::string key_of(std::string_view name, const std::vector<uint64_t>& offsets) {
    return cat(name, std::string_view("\0", 1), shape_text(offsets));
  }

  const PickleValues& values_;
  std::unordered_map<std::string, PickleRef> places_;
  DistributedMetadata out_;
  size_t chunk_count_ = 0;
};

// An index without an offset is that of a value that is no tensor.
Status MetadataReader::index_places(std::span<const PickleRef> pairs) {
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (!is_of(pairs[i], PickleClass::index) || !is_of(pairs[i + 1], PickleClass::place)) {
      return malformed("'storage_data' maps something other than chunks to places");
    }
    const auto name = values_.attribute(pairs[i], "fqn");
    if (!name || !values_.is(*name, PickleKind::text)) return malformed("a chunk has no name");
    const auto offset = values_.attribute(pairs[i], "offset");
    if (!offset || values_.is(*offset, PickleKind::none)) continue;
    const auto offsets = pickled_sizes(values_, offset, "offsets");
    if (!offsets) return offsets.error();
    if (!places_.emplace(key_of(values_.text(*name), *offsets), pairs[i + 1]).second) {
      return malformed(cat("tensor '", escaped(values_.text(*name).substr(0, 200)), "': its chunk ",
                           shape_text(*offsets), " is in two places"));
    }
  }
  return {};
}

Status MetadataReader::locate(const std::string& name, DistributedChunk& chunk) const {
  const auto found = places_.find(key_of(name, chunk.offsets));
  if (found == places_.end()) {
    return malformed(cat("its chunk ", shape_text(chunk.offsets), " is in no file"));
  }
  const PickleRef place = found->second;
  const auto transforms = values_.attribute(place, "transform_descriptors");
  const bool is_plain =
      !transforms || values_.is(*transforms, PickleKind::none) ||
      ((values_.is(*transforms, PickleKind::list) || values_.is(*transforms, PickleKind::tuple)) &&
       values_.items(*transforms).empty());
  if (!is_plain) {
    return Error(ErrorCode::unsupported, "its chunks are compressed or otherwise transformed")
        .with_hint("load it with torch.distributed.checkpoint and save it without extensions");
  }
  const auto file = values_.attribute(place, "relative_path");
  if (!file || !values_.is(*file, PickleKind::text)) return malformed("a chunk's file has no name");
  const auto begin = pickled_size(values_, place, "offset");
  if (!begin) return begin.error();
  const auto bytes = pickled_size(values_, place, "length");
  if (!bytes) return bytes.error();
  chunk.file = values_.text(*file);
  chunk.begin = *begin;
  chunk.bytes = *bytes;
  return {};
}

Result<std::vector<DistributedChunk>> MetadataReader::chunks(const std::string& name,
                                                             PickleRef object) {
  const auto list = values_.attribute(object, "chunks");
  if (!list || !values_.is(*list, PickleKind::list)) return malformed("has no list of chunks");
  const auto items = values_.items(*list);
  chunk_count_ += items.size();  // lists may be shared
  if (items.size() > kPiecesMax || chunk_count_ > kChunksMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat("more than ", kPiecesMax, " chunks, or ", kChunksMax, " of all tensors"));
  }
  std::vector<DistributedChunk> out;
  for (const PickleRef item : items) {
    if (!is_of(item, PickleClass::chunk_metadata)) return malformed("a chunk is of another class");
    auto offsets = pickled_sizes(values_, values_.attribute(item, "offsets"), "offsets");
    if (!offsets) return std::move(offsets).error();
    auto extents = pickled_sizes(values_, values_.attribute(item, "sizes"), "sizes");
    if (!extents) return std::move(extents).error();
    out.push_back({*std::move(offsets), *std::move(extents), {}, 0, 0});
    if (auto status = locate(name, out.back()); !status) return std::move(status).error();
  }
  return out;
}

Status MetadataReader::add(PickleRef name, PickleRef value) {
  if (!values_.is(name, PickleKind::text)) return malformed("a tensor's name is not a text");
  if (!is_of(value, PickleClass::tensor_metadata)) {
    ++out_.other_values;
    return {};
  }
  DistributedTensor tensor{.name = std::string(values_.text(name)),
                           .dtype = pickled_dtype(values_, value),
                           .shape = {},
                           .chunks = {}};
  auto status = check_name(tensor.name);
  if (!status) return status;
  const std::string clause = cat("tensor '", escaped(tensor.name.substr(0, 200)), "'");
  auto shape = pickled_sizes(values_, values_.attribute(value, "size"), "sizes");
  if (!shape) return std::move(shape).error().within(clause);
  tensor.shape = *std::move(shape);
  auto chunks_of = chunks(tensor.name, value);
  if (!chunks_of) return std::move(chunks_of).error().within(clause);
  tensor.chunks = *std::move(chunks_of);
  if (out_.tensors.size() == kTensorsMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kTensorsMax, " tensors"));
  }
  out_.tensors.push_back(std::move(tensor));
  return {};
}

Result<DistributedMetadata> MetadataReader::run() {
  const PickleRef root = values_.root;
  if (!is_of(root, PickleClass::metadata)) {
    return malformed("does not describe a distributed checkpoint");
  }
  const auto places = pickled_pairs(values_, root, "storage_data");
  if (!places) return places.error();
  if (auto status = index_places(*places); !status) return std::move(status).error();
  const auto tensors = pickled_pairs(values_, root, "state_dict_metadata");
  if (!tensors) return tensors.error();
  for (size_t i = 0; i < tensors->size(); i += 2) {
    auto status = add((*tensors)[i], (*tensors)[i + 1]);
    if (!status) return std::move(status).error();
  }
  return std::move(out_);
}

}  // namespace

Result<DistributedMetadata> read_distributed_metadata(Bytes pickle) {
  const auto values = unpickle(std::move(pickle), PickleNames::distributed);
  if (!values) return values.error();
  return MetadataReader(*values).run();
}

}  // namespace wmk::checkpoint
