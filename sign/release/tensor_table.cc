#include "sign/release/tensor_table.h"

#include <algorithm>
#include <optional>

#include "base/parallel.h"
#include "base/text.h"
#include "mpi/shared_items.h"
#include "sign/file_hasher.h"

namespace wmk::sign {

namespace {

std::string type_of(const checkpoint::Tensor& tensor) {
  return tensor.encoding ? std::string(tensor.encoding->name())
                         : std::string(checkpoint::to_string(tensor.dtype));
}

// Digests of these tensors, each after the tensor's name.
Result<std::vector<std::string>> named_digests(const checkpoint::Checkpoint& model,
                                               const std::vector<size_t>& numbers, unsigned threads,
                                               Progress* progress) {
  const auto& tensors = model.stored_tensors();
  std::vector<std::string> out(numbers.size());
  std::vector<std::optional<FileHasher>> hashers(std::max(1u, threads));
  uint64_t bytes = 0;
  for (const size_t number : numbers) bytes += tensors[number].stored_bytes();
  if (progress != nullptr) progress->begin("tensors", bytes);
  auto status = parallel_for(numbers.size(), threads, [&](size_t i, unsigned worker) -> Status {
    if (!hashers[worker]) hashers[worker].emplace();
    const checkpoint::Tensor& tensor = tensors[numbers[i]];
    const auto digest = hashers[worker]->digest(model.files()[tensor.file], tensor.offset,
                                                tensor.stored_bytes(), progress);
    if (!digest) return Error(digest.error()).within(escaped(tensor.name));
    out[i] = cat(tensor.name, as_text(*digest));
    return {};
  });
  if (progress != nullptr) progress->end();
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace

Result<std::vector<TensorDigest>> tensor_table(const checkpoint::Checkpoint& model,
                                               unsigned threads, Progress* progress,
                                               bool is_shared) {
  const auto& tensors = model.stored_tensors();
  std::vector<size_t> numbers;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!is_shared || mpi::owns(i)) numbers.push_back(i);
  }
  auto digests = named_digests(model, numbers, threads, progress);
  if (is_shared) digests = mpi::gather(std::move(digests), tensors.size());
  if (!digests) return std::move(digests).error();
  std::vector<TensorDigest> table;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const checkpoint::Tensor& tensor = tensors[i];
    const std::string_view named = (*digests)[i];
    if (!named.starts_with(tensor.name)) {
      return Error(ErrorCode::invalid_argument, "another process sees other tensors");
    }
    const ByteView digest = as_bytes(named.substr(tensor.name.size()));
    table.push_back(
        {tensor.name, type_of(tensor), tensor.shape, Bytes(digest.begin(), digest.end())});
  }
  std::ranges::sort(table, {}, &TensorDigest::name);
  return table;
}

TensorComparison compare_tensors(const std::vector<TensorDigest>& signed_table,
                                 const std::vector<TensorDigest>& found) {
  TensorComparison out;
  auto one = signed_table.begin();
  auto two = found.begin();
  while (one != signed_table.end() || two != found.end()) {
    if (two == found.end() || (one != signed_table.end() && one->name < two->name)) {
      out.missing.push_back((one++)->name);
    } else if (one == signed_table.end() || two->name < one->name) {
      out.extra.push_back((two++)->name);
    } else {
      *one == *two ? void(++out.same) : out.differs.push_back(one->name);
      ++one;
      ++two;
    }
  }
  return out;
}

}  // namespace wmk::sign
