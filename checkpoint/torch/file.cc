#include "checkpoint/torch/file.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/numbers/widen.h"
#include "checkpoint/torch/archive.h"
#include "checkpoint/torch/strided.h"
#include "checkpoint/torch/unpickle.h"

namespace wmk::checkpoint {
namespace {

// A storage, checked against its entry in the archive.
struct StoragePlace {
  uint64_t begin = 0;  // bytes from the start of the file
  uint64_t count = 0;  // elements of `type`
  DType type = DType::f32;
};

Result<StoragePlace> place_of(const PickledStorage& storage, const std::optional<DType>& given,
                              const TorchArchive& archive) {
  const auto type = storage.type.is_untyped ? given : storage.type.dtype;
  if (!type) return Error(ErrorCode::unsupported, "has a type that is not read");
  if (given && *given != *type) return malformed("storage and tensor have different types");
  const std::string key = cat("storage '", escaped(storage.key.substr(0, 200)), "'");
  if (storage.place == "meta") {
    return Error(ErrorCode::unsupported, cat(key, ": was saved without values (device 'meta')"));
  }
  const uint64_t element_bytes = bits(*type) / 8;
  const auto bytes =
      storage.type.is_untyped ? storage.count : checked_product(storage.count, element_bytes);
  const ZipEntry* entry = archive.storage(storage.key);
  if (entry == nullptr) return malformed(cat(key, ": is not in the archive"));
  if (!bytes || *bytes != entry->bytes) {
    return malformed(cat(key, ": has ", entry->bytes, " bytes in the archive, but should have ",
                         storage.count, storage.type.is_untyped ? " bytes" : " elements"));
  }
  return StoragePlace{entry->offset, entry->bytes / element_bytes, *type};
}

class StateDictReader {
 public:
  // The archive begins at byte `begin` of the file.
  StateDictReader(const PickleValues& values, const TorchArchive& archive, uint32_t file_index,
                  uint64_t begin)
      : values_(values), archive_(archive), file_(file_index), begin_(begin) {}

  Status add(std::string_view name, const PickledTensor& pickled);
  TorchFile finish() &&;

 private:
  Status check_same_storage(const PickledStorage& storage);

  const PickleValues& values_;
  const TorchArchive& archive_;
  uint32_t file_;
  uint64_t begin_;
  TorchFile out_;
  uint64_t left_out_ = 0;
  std::string first_left_out_;
  // By key: the description of the storage by its first tensor.
  std::map<std::string_view, const PickledStorage*> storages_;
};

// Two descriptions of one storage would allow two readings of the file.
Status StateDictReader::check_same_storage(const PickledStorage& storage) {
  const auto [at, is_new] = storages_.emplace(storage.key, &storage);
  const PickledStorage& first = *at->second;
  if (first.type.dtype == storage.type.dtype && first.type.is_untyped == storage.type.is_untyped &&
      first.count == storage.count) {
    return {};
  }
  return malformed(
      cat("storage '", escaped(storage.key.substr(0, 200)), "': has two different descriptions"));
}

Status StateDictReader::add(std::string_view name, const PickledTensor& pickled) {
  const PickledStorage& storage = values_.storages[pickled.storage];
  if (auto status = check_same_storage(storage); !status) return status;
  const auto place = place_of(storage, pickled.dtype, archive_);
  if (!place) return place.error();
  StridedView view{pickled.shape, pickled.strides, pickled.offset};
  if (!fits(view, place->count)) return malformed("reaches past the end of its storage");
  const uint64_t element_bytes = bits(place->type) / 8;
  Tensor tensor{.name = std::string(name),
                .dtype = place->type,
                .shape = view.shape,
                .file = file_,
                .offset = begin_ + place->begin + view.offset * element_bytes,
                .bytes = view.elements() * element_bytes};
  if (view.elements() != 0 && !view.is_packed()) {
    if (!view.is_injective()) {
      return Error(ErrorCode::unsupported, "is an expanded or overlapping view")
          .with_hint("make it contiguous() in torch and save again");
    }
    if (!has_float_value(place->type)) {
      if (left_out_++ == 0) first_left_out_ = escaped(name);
      return {};
    }
    tensor.dtype = DType::f32;
    tensor.bytes = view.elements() * sizeof(float);
    tensor.encoding =
        std::make_shared<StridedEncoding>(file_, begin_ + place->begin, place->type, view);
  }
  out_.tensors.push_back(std::move(tensor));
  return {};
}

// Tensors with the same place (tied tensors) are noted.
TorchFile StateDictReader::finish() && {
  auto& tensors = out_.tensors;
  std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) {
    return std::tie(a.offset, a.name) < std::tie(b.offset, b.name);
  });
  uint64_t shared = 0;
  std::string pair;
  for (size_t i = 1; i < tensors.size(); ++i) {
    if (tensors[i].offset != tensors[i - 1].offset || tensors[i - 1].bytes == 0) continue;
    if (shared++ != 0) continue;
    pair = cat("'", escaped(tensors[i - 1].name), "' and '", escaped(tensors[i].name), "'");
  }
  if (shared == 1) out_.notes.push_back(cat("tensors ", pair, " share a storage"));
  if (shared > 1)
    out_.notes.push_back(cat(shared, " tensors share a storage with another: ", pair));
  if (left_out_ != 0) {
    out_.notes.push_back(cat(left_out_, left_out_ == 1 ? " tensor" : " tensors",
                             " of integers left out because of their strides: '", first_left_out_,
                             "'"));
  }
  return std::move(out_);
}

Result<PickleValues> values_of(const TorchArchive& archive, const ReadFile& file,
                               PickleNames names) {
  auto pickle = archive.read_pickle(file);
  if (!pickle) return std::move(pickle).error();
  auto values = unpickle(*std::move(pickle), names);
  if (!values) return std::move(values).error().within("data.pkl");
  return values;
}

}  // namespace

Result<TorchFile> read_torch_file(const ReadFile& file, uint32_t file_index, PickleNames names) {
  const auto archive = TorchArchive::open(file);
  if (!archive) return archive.error();
  const auto values = values_of(*archive, file, names);
  if (!values) return values.error();
  auto dict = find_state_dict(*values);
  if (!dict) return std::move(dict).error().within("data.pkl");
  if (dict->tensors.size() > kTensorsMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kTensorsMax, " tensors"));
  }
  StateDictReader reader(*values, *archive, file_index, 0);
  for (const auto& [name, tensor] : dict->tensors) {
    if (auto added = reader.add(name, *tensor); !added) {
      return std::move(added).error().within(cat("tensor '", escaped(name.substr(0, 200)), "'"));
    }
  }
  TorchFile out = std::move(reader).finish();
  out.attributes = std::move(dict->attributes);
  out.notes.insert(out.notes.begin(), dict->notes.begin(), dict->notes.end());
  return out;
}

Result<Tensor> read_torch_tensor(const ReadFile& part, uint32_t file_index, uint64_t begin) {
  const auto archive = TorchArchive::open(part);
  if (!archive) return archive.error();
  const auto values = values_of(*archive, part, PickleNames::state_dict);
  if (!values) return values.error();
  if (!values->is(values->root, PickleKind::tensor)) return malformed("is not one tensor");
  StateDictReader reader(*values, *archive, file_index, begin);
  auto status = reader.add("", values->tensor(values->root));
  if (!status) return std::move(status).error();
  TorchFile out = std::move(reader).finish();
  if (out.tensors.empty()) {
    return Error(ErrorCode::unsupported, "has integers that are not stored row by row");
  }
  return std::move(out.tensors.front());
}

}  // namespace wmk::checkpoint
