// Small checkpoints of torch.distributed.checkpoint for tests: .metadata written by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/checkpoint/torch/tiny_torch.h"

namespace wmk::test {

inline constexpr std::string_view kMetadataModule = "torch.distributed.checkpoint.metadata";

// An object without attributes, then with these, each a name and a pickled value.
inline std::string pickle_object(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n)\x81";
}
inline std::string with_attributes(
    const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string out = "}";
  for (const auto& [name, value] : attributes) out += pickle_text(name) + value + "s";
  return out + "b";
}

struct TinyChunk {
  std::vector<int64_t> offsets, sizes;
  std::string content = {};  // one archive
  std::string file = "__0_0.distcp";
  int64_t adds = 0;  // to the length that is written
};

struct TinyShards {
  std::string name = "w";
  std::vector<int64_t> shape;
  std::vector<TinyChunk> chunks;
  std::string dtype = "float32";
};

// The floats first, first + 1, ... of this shape, saved alone.
inline std::string saved_tensor(const std::vector<int64_t>& shape, float first,
                                const std::string& type = "FloatStorage") {
  int64_t count = 1;
  std::vector<int64_t> strides(shape.size());
  for (size_t i = shape.size(); i-- > 0; count *= shape[i]) strides[i] = count;
  std::string data;
  for (int64_t i = 0; i < count; ++i) put(data, first + static_cast<float>(i));
  const TinyTensor tensor{.shape = shape, .strides = strides, .count = count, .type = type};
  return zip_of({{"archive/data.pkl", "\x80\x02" + pickle_tensor(tensor) + "."},
                 {"archive/byteorder", "little"},
                 {"archive/data/0", data},
                 {"archive/version", "3\n"}});
}

inline std::string pickled_shards(const TinyShards& shards) {
  std::string chunks = "]";
  for (const TinyChunk& chunk : shards.chunks) {
    chunks += pickle_object(kMetadataModule, "ChunkStorageMetadata") +
              with_attributes({{"offsets", pickle_tuple(chunk.offsets)},
                               {"sizes", pickle_tuple(chunk.sizes)}}) +
              "a";
  }
  const std::string properties =
      pickle_object(kMetadataModule, "TensorProperties") + "(ctorch\n" + shards.dtype + "\n\x89tb";
  return pickle_object(kMetadataModule, "TensorStorageMetadata") +
         with_attributes({{"properties", properties},
                          {"size", pickle_tuple(shards.shape)},
                          {"chunks", chunks}});
}

// The metadata, and in `files` the content of each file by its name.
struct TinyDistributed {
  std::string metadata;
  std::vector<std::pair<std::string, std::string>> files;
};

inline TinyDistributed tiny_distributed(const std::vector<TinyShards>& tensors,
                                        const std::string& more_attributes = {}) {
  TinyDistributed out;
  std::string described = "}", places = "}";
  for (const TinyShards& tensor : tensors) {
    described += pickle_text(tensor.name) + pickled_shards(tensor) + "s";
    for (const TinyChunk& chunk : tensor.chunks) {
      auto file = out.files.begin();
      while (file != out.files.end() && file->first != chunk.file) ++file;
      if (file == out.files.end()) file = out.files.insert(file, {chunk.file, ""});
      const auto begin = static_cast<int64_t>(file->second.size());
      const auto bytes = static_cast<int64_t>(chunk.content.size()) + chunk.adds;
      places += pickle_object(kMetadataModule, "MetadataIndex") +
                with_attributes({{"fqn", pickle_text(tensor.name)},
                                 {"offset", pickle_tuple(chunk.offsets)},
                                 {"index", "N"}}) +
                pickle_object("torch.distributed.checkpoint.filesystem", "_StorageInfo") +
                with_attributes({{"relative_path", pickle_text(chunk.file)},
                                 {"offset", pickle_number(begin)},
                                 {"length", pickle_number(bytes)}}) +
                "s";
      file->second += chunk.content;
    }
  }
  out.metadata = "\x80\x02" + pickle_object(kMetadataModule, "Metadata") + "}" +
                 pickle_text("state_dict_metadata") + described + "s" +
                 pickle_text("storage_data") + places + "s" + more_attributes + "b.";
  return out;
}

}  // namespace wmk::test
