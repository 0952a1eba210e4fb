// The values of a pickle, as inert data.
//
// Purpose: all values are in one table and refer to each other by index, so that cycles and deep
// nesting need no recursion, and no code is executed. Made by unpickle(). Lifetime: owns the bytes
// of the pickle; texts are views into them. Thread-safety: read-only once made.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "checkpoint/numbers/dtype.h"
#include "checkpoint/torch/pickle_symbol.h"

namespace wmk::checkpoint {

enum class PickleKind : uint8_t {
  none,
  boolean,
  integer,
  text,
  tuple,
  list,
  dict,
  set,
  symbol,
  storage,
  tensor,
  opaque,  // any other value: a float, bytes, a number of more than 64 bits, a device
};

using PickleRef = uint32_t;

struct PickledStorage {
  PickleSymbol type;       // of kind storage
  std::string_view key;    // the entry in the archive is data/<key>
  std::string_view place;  // "cpu", "cuda:0"
  uint64_t count = 0;      // elements, or bytes of an untyped one
};

// As pickled, not yet checked against the storage.
struct PickledTensor {
  uint32_t storage = 0;        // index into storages
  std::optional<DType> dtype;  // if it differs from the storage
  uint64_t offset = 0;         // in elements, as are the strides
  std::vector<uint64_t> shape, strides;
};

class PickleValues {
 public:
  explicit PickleValues(Bytes bytes) : bytes_(std::move(bytes)) {}

  size_t size() const { return nodes_.size(); }
  PickleKind kind(PickleRef ref) const { return nodes_[ref].kind; }
  bool is(PickleRef ref, PickleKind kind) const { return nodes_[ref].kind == kind; }

  // The value must be of that kind.
  bool boolean(PickleRef ref) const { return nodes_[ref].data != 0; }
  int64_t integer(PickleRef ref) const { return static_cast<int64_t>(nodes_[ref].data); }
  std::string_view text(PickleRef ref) const {
    return as_text(ByteView(bytes_).subspan(nodes_[ref].data, nodes_[ref].count));
  }
  PickleSymbol symbol(PickleRef ref) const { return symbols_[nodes_[ref].data]; }
  const PickledStorage& storage(PickleRef ref) const { return storages[nodes_[ref].data]; }
  uint32_t storage_index(PickleRef ref) const { return static_cast<uint32_t>(nodes_[ref].data); }
  const PickledTensor& tensor(PickleRef ref) const { return tensors[nodes_[ref].data]; }
  // Of a tuple, list or set; of a dict: key, value, key, value, in the order of the file.
  std::span<const PickleRef> items(PickleRef ref) const {
    const Value& node = nodes_[ref];
    if (node.kind == PickleKind::tuple) return std::span(pool_).subspan(node.data, node.count);
    return containers_[node.data];
  }

  PickleRef add(PickleKind kind, uint64_t data = 0, uint32_t count = 0) {
    nodes_.push_back({kind, count, data});
    return static_cast<PickleRef>(nodes_.size() - 1);
  }
  PickleRef add_symbol(PickleSymbol symbol) {
    symbols_.push_back(symbol);
    return add(PickleKind::symbol, symbols_.size() - 1);
  }
  PickleRef add_tuple(std::span<const PickleRef> parts) {
    pool_.insert(pool_.end(), parts.begin(), parts.end());
    return add(PickleKind::tuple, pool_.size() - parts.size(), static_cast<uint32_t>(parts.size()));
  }
  PickleRef add_container(PickleKind kind) {
    containers_.emplace_back();
    return add(kind, containers_.size() - 1);
  }
  void append(PickleRef ref, std::span<const PickleRef> parts) {
    auto& items = containers_[nodes_[ref].data];
    items.insert(items.end(), parts.begin(), parts.end());
  }

  ByteView bytes() const { return bytes_; }

  std::vector<PickledStorage> storages;
  std::vector<PickledTensor> tensors;
  PickleRef root = 0;

 private:
  struct Value {
    PickleKind kind;
    uint32_t count;
    uint64_t data;
  };
  Bytes bytes_;
  std::vector<Value> nodes_;
  std::vector<PickleRef> pool_;
  std::vector<std::vector<PickleRef>> containers_;
  std::vector<PickleSymbol> symbols_;
};

}  // namespace wmk::checkpoint
