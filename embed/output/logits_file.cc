#include "embed/output/logits_file.h"

#include <algorithm>
#include <unordered_set>

#include "base/text.h"
#include "checkpoint/numbers/npy.h"
#include "checkpoint/numbers/widen.h"
#include "checkpoint/safetensors/safetensors.h"

namespace wmk::embed {

namespace {

using checkpoint::DType;
using checkpoint::Tensor;

Result<std::vector<uint32_t>> read_token_ids(const ReadFile& file, const Tensor& tensor,
                                             uint64_t columns) {
  const bool wide = tensor.dtype == DType::i64;
  if ((!wide && tensor.dtype != DType::i32) || tensor.shape != std::vector{columns}) {
    return malformed(cat("token_ids must be ", columns, " numbers of type I32 or I64"));
  }
  Bytes raw(tensor.bytes);
  Status status = file.read_at(tensor.offset, raw);
  if (!status) return std::move(status).error();
  std::vector<uint32_t> out(columns);
  std::unordered_set<uint32_t> seen;
  for (uint64_t i = 0; i < columns; ++i) {
    const int64_t id = wide ? load_le<int64_t>(&raw[8 * i]) : load_le<int32_t>(&raw[4 * i]);
    if (id < 0 || static_cast<uint64_t>(id) >= kLogitColumnsMax) {
      return malformed(cat("token_ids holds ", id));
    }
    out[i] = static_cast<uint32_t>(id);
    if (!seen.insert(out[i]).second) return malformed(cat("token_ids holds ", id, " twice"));
  }
  return out;
}

}  // namespace

Result<Logits::Part> Logits::open_npy(ReadFile file) {
  auto matrix = checkpoint::read_npy_header(file);
  if (!matrix) return std::move(matrix).error();
  return Part{std::move(file), matrix->dtype, matrix->rows, matrix->columns, matrix->offset, {}};
}

Result<Logits::Part> Logits::open_tensors(ReadFile file) {
  auto header = checkpoint::read_safetensors_header(file);
  if (!header) return std::move(header).error();
  const Tensor *logits = nullptr, *ids = nullptr;
  for (const Tensor& tensor : header->tensors) {
    if (tensor.name == "logits") logits = &tensor;
    if (tensor.name == "token_ids") ids = &tensor;
  }
  if (logits == nullptr) return malformed("it has no tensor 'logits'");
  const bool plain =
      logits->dtype == DType::f32 || logits->dtype == DType::f16 || logits->dtype == DType::bf16;
  if (!plain || logits->shape.size() != 2) {
    return Error(ErrorCode::unsupported,
                 cat("tensor 'logits' is ", to_string(logits->dtype), " of shape ",
                     checkpoint::shape_text(logits->shape), ", not a matrix of F32, F16 or BF16"));
  }
  Part part{std::move(file), logits->dtype, logits->shape[0], logits->shape[1], logits->offset, {}};
  if (ids == nullptr) return part;
  auto read = read_token_ids(part.file, *ids, part.columns);
  if (!read) return std::move(read).error();
  part.token_ids = *std::move(read);
  return part;
}

Result<Logits::Part> Logits::open_part(const std::filesystem::path& path) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  const std::string name = file->name();
  Bytes front(std::min<uint64_t>(file->size(), checkpoint::kNpyMagicBytes));
  Status status = file->read_at(0, front);
  if (!status) return std::move(status).error();
  auto part =
      checkpoint::is_npy(front) ? open_npy(std::move(*file)) : open_tensors(std::move(*file));
  if (!part) return std::move(part).error().within(name);
  if (part->rows == 0 || part->columns < 2) {
    return malformed(cat("a matrix of ", part->rows, " x ", part->columns, " holds no logits"))
        .within(name);
  }
  if (part->columns > kLogitColumnsMax) {
    return Error(ErrorCode::limit_exceeded,
                 cat(name, ": ", part->columns, " columns; at most ", kLogitColumnsMax));
  }
  return part;
}

Result<Logits> Logits::open(const std::vector<std::filesystem::path>& files) {
  Logits out;
  for (const std::filesystem::path& path : files) {
    auto part = open_part(path);
    if (!part) return std::move(part).error();
    const std::string name = part->file.name();
    if (!out.parts_.empty() &&
        (part->columns != out.columns_ || part->token_ids != out.token_ids_)) {
      return malformed(cat(name, ": its columns are not those of ", out.parts_[0].file.name()));
    }
    out.rows_ += part->rows;
    out.columns_ = part->columns;
    out.token_ids_ = part->token_ids;
    out.parts_.push_back(std::move(*part));
    if (out.rows_ > kLogitRowsMax) {
      return Error(ErrorCode::limit_exceeded,
                   cat(name, ": more than ", kLogitRowsMax, " rows of logits"))
          .with_hint("as many rows as the model is wide show all that logits can show");
    }
  }
  if (out.rows_ < 2) {
    return Error(ErrorCode::invalid_argument, "the logits have fewer than 2 rows")
        .with_hint("collect the logits of some hundred positions, of any texts");
  }
  return out;
}

const Logits::Part& Logits::part_of(uint64_t& row) const {
  size_t i = 0;
  for (; row >= parts_[i].rows; ++i) row -= parts_[i].rows;
  return parts_[i];
}

std::string Logits::place_of(uint64_t row) const {
  const Part& part = part_of(row);
  return cat(part.file.name(), ", row ", row);
}

Status Logits::read(uint64_t first_row, uint64_t rows, uint64_t first, uint64_t count, Bytes& raw,
                    float* out) const {
  for (uint64_t i = 0; i < rows; ++i) {
    uint64_t row = first_row + i;
    const Part& part = part_of(row);
    const uint64_t size = checkpoint::bits(part.dtype) / 8;
    raw.resize(count * size);
    Status status = part.file.read_at(part.offset + (row * columns_ + first) * size, raw);
    if (!status) return std::move(status).error().within(part.file.name());
    checkpoint::widen(part.dtype, raw, {out + i * count, count});
  }
  return {};
}

Result<std::vector<std::string>> logit_labels(const Logits& logits,
                                              const std::filesystem::path& tokenizer) {
  const auto& ids = logits.token_ids();
  const uint64_t rows =
      ids.empty() ? logits.columns() : 1 + *std::max_element(ids.begin(), ids.end());
  auto vocabulary = checkpoint::read_vocabulary(tokenizer, rows);
  if (!vocabulary) return std::move(vocabulary).error();
  if (vocabulary->source.empty()) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(tokenizer.string()), ": no tokenizer was found"));
  }
  if (ids.empty() && vocabulary->beyond > 0) {
    return Error(ErrorCode::invalid_argument,
                 cat("the logits have ", logits.columns(), " columns, and the tokenizer has ",
                     vocabulary->beyond, " tokens beyond them"))
        .with_hint("a part of the tokens needs a safetensors file with 'logits' and 'token_ids'");
  }
  if (ids.empty()) return std::move(vocabulary->strings);
  std::vector<std::string> out;
  out.reserve(ids.size());
  for (const uint32_t id : ids) out.push_back(vocabulary->strings[id]);
  return out;
}

}  // namespace wmk::embed
