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
  object,  // of a class that find_pickle_symbol() calls a record
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
  explicit PickleValues(Bytes bytes, PickleNames names = PickleNames::state_dict)
      : bytes_(std::move(bytes)), names_(names) {}

  PickleNames names() const { return names_; }

  size_t size() const { return values_.size(); }
  PickleKind kind(PickleRef ref) const { return values_[ref].kind; }
  bool is(PickleRef ref, PickleKind kind) const { return values_[ref].kind == kind; }

  // The value must be of that kind.
  bool boolean(PickleRef ref) const { return values_[ref].data != 0; }
  int64_t integer(PickleRef ref) const { return static_cast<int64_t>(values_[ref].data); }
  std::string_view text(PickleRef ref) const {
    return as_text(ByteView(bytes_).subspan(values_[ref].data, values_[ref].count));
  }
  PickleSymbol symbol(PickleRef ref) const { return symbols_[values_[ref].data]; }
  const PickledStorage& storage(PickleRef ref) const { return storages[values_[ref].data]; }
  uint32_t storage_index(PickleRef ref) const { return static_cast<uint32_t>(values_[ref].data); }
  const PickledTensor& tensor(PickleRef ref) const { return tensors[values_[ref].data]; }
  // Of a tuple, list or set; of a dict: key, value, key, value, in the order of the file.
  std::span<const PickleRef> items(PickleRef ref) const {
    const PickledValue& value = values_[ref];
    if (value.kind == PickleKind::tuple) return std::span(pool_).subspan(value.data, value.count);
    return containers_[value.data];
  }

  // Of an object: its class, and its attributes, or none if they were not set.
  PickleClass class_of(PickleRef ref) const { return PickleClass(values_[ref].count); }
  std::optional<PickleRef> state(PickleRef ref) const {
    const auto& set = containers_[values_[ref].data];
    return set.empty() ? std::nullopt : std::optional(set.back());
  }
  // The attribute of that name of an object whose attributes are a dict.
  std::optional<PickleRef> attribute(PickleRef object, std::string_view name) const;

  PickleRef add(PickleKind kind, uint64_t data = 0, uint32_t count = 0) {
    values_.push_back({kind, count, data});
    return static_cast<PickleRef>(values_.size() - 1);
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
  PickleRef add_object(PickleClass of_class) {
    containers_.emplace_back();
    return add(PickleKind::object, containers_.size() - 1, static_cast<uint32_t>(of_class));
  }
  void append(PickleRef ref, std::span<const PickleRef> parts) {
    auto& items = containers_[values_[ref].data];
    items.insert(items.end(), parts.begin(), parts.end());
  }

  ByteView bytes() const { return bytes_; }

  std::vector<PickledStorage> storages;
  std::vector<PickledTensor> tensors;
  PickleRef root = 0;

 private:
  struct PickledValue {
    PickleKind kind;
    uint32_t count;
    uint64_t data;
  };
  Bytes bytes_;
  PickleNames names_;
  std::vector<PickledValue> values_;
  std::vector<PickleRef> pool_;
  std::vector<std::vector<PickleRef>> containers_;
  std::vector<PickleSymbol> symbols_;
};

}  // namespace wmk::checkpoint
