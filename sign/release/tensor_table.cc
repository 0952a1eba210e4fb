#include "sign/release/tensor_table.h"

#include <algorithm>
#include <optional>

#include "base/parallel.h"
#include "base/text.h"
#include "sign/file_hasher.h"

namespace wmk::sign {

namespace {

std::string type_of(const checkpoint::Tensor& tensor) {
  return tensor.encoding ? std::string(tensor.encoding->name())
                         : std::string(checkpoint::to_string(tensor.dtype));
}

}  // namespace

Result<std::vector<TensorDigest>> tensor_table(const checkpoint::Checkpoint& model,
                                               unsigned threads, Progress* progress) {
  const auto& tensors = model.stored_tensors();
  std::vector<TensorDigest> table(tensors.size());
  std::vector<std::optional<FileHasher>> hashers(std::max(1u, threads));
  uint64_t bytes = 0;
  for (const auto& tensor : tensors) bytes += tensor.stored_bytes();
  if (progress != nullptr) progress->begin("tensors", bytes);
  auto status = parallel_for(tensors.size(), threads, [&](size_t i, unsigned worker) -> Status {
    if (!hashers[worker]) hashers[worker].emplace();
    const checkpoint::Tensor& tensor = tensors[i];
    auto digest = hashers[worker]->digest(model.files()[tensor.file], tensor.offset,
                                          tensor.stored_bytes(), progress);
    if (!digest) return std::move(digest).error().within(escaped(tensor.name));
    table[i] = {tensor.name, type_of(tensor), tensor.shape, std::move(*digest)};
    return {};
  });
  if (progress != nullptr) progress->end();
  if (!status) return std::move(status).error();
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
