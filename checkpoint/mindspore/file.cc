#include "checkpoint/mindspore/file.h"

#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/joined/pieces.h"
#include "checkpoint/mindspore/parameter.h"

namespace wmk::checkpoint {
namespace {

constexpr uint32_t kEntryField = 1;
constexpr std::string_view kChecksumSign = "crc_num";
constexpr uint64_t kChecksumBytes = 7 + 10;  // the sign and a number

std::string named_parameter(const Parameter& parameter) {
  return cat("tensor '", escaped(parameter.name.substr(0, 200)), "'");
}

// The end of the entries: before the checksum, if there is one. It is not compared with the data.
Result<uint64_t> end_of_entries(const ReadFile& file) {
  if (file.size() < kChecksumBytes) return file.size();
  std::string sign(kChecksumSign.size(), '\0');
  auto status = file.read_at(file.size() - kChecksumBytes, std::as_writable_bytes(std::span(sign)));
  if (!status) return std::move(status).error();
  return sign == kChecksumSign ? file.size() - kChecksumBytes : file.size();
}

class MindSporeReader {
 public:
  MindSporeReader(const ReadFile& file, uint32_t file_index)
      : reader_(file), file_index_(file_index) {}

  Status run(uint64_t end);
  MindSporeFile finish() &&;

 private:
  Status begin(Parameter&& parameter);
  Status extend(const Parameter& parameter);
  Status close();

  WireReader reader_;
  uint32_t file_index_;
  MindSporeFile out_;
  std::unordered_set<std::string> names_;
  // The tensor under construction: its contents may follow in further entries of its name.
  Whole whole_;
  std::string type_;
  uint64_t whole_bytes_ = 0, found_bytes_ = 0;
  bool is_open_ = false;
  uint64_t left_out_ = 0;
  std::string first_left_out_;
};

Status MindSporeReader::run(uint64_t end) {
  WireRange rest{0, end};
  for (size_t entries = 0; rest.begin < rest.end; ++entries) {
    if (entries == kTensorsMax) {
      return Error(ErrorCode::limit_exceeded, cat("more than ", kTensorsMax, " entries"));
    }
    const uint64_t at = rest.begin;
    const auto field = reader_.take_field(rest);
    if (!field) return Error(field.error()).within(cat("byte ", at));
    if (field->number != kEntryField || field->is_number) {
      return malformed(cat("byte ", at, ": is not an entry of a checkpoint"));
    }
    auto parameter = read_parameter(reader_, field->bytes);
    if (!parameter) return std::move(parameter).error();
    // Entries of one name in a row are parts of one tensor, until its size is reached.
    const bool is_more = is_open_ && parameter->name == whole_.name && found_bytes_ < whole_bytes_;
    Status status = is_open_ && !is_more ? close() : Status();
    if (!status) return status;
    const std::string name = named_parameter(*parameter);
    status = is_more ? extend(*parameter) : begin(*std::move(parameter));
    if (!status) return std::move(status).error().within(name);
  }
  return is_open_ ? close() : Status();
}

Status MindSporeReader::begin(Parameter&& parameter) {
  if (!names_.insert(parameter.name).second) return malformed("occurs twice");
  const auto dtype = parameter_dtype(parameter.type);
  if (!dtype) {
    if (left_out_++ == 0) {
      first_left_out_ =
          cat("'", escaped(parameter.name.substr(0, 200)), "' (", escaped(parameter.type), ")");
    }
    return {};
  }
  // A tensor without dimensions is written with one dimension of 0.
  const bool is_scalar =
      parameter.shape == std::vector<uint64_t>{0} && parameter.content.size() == bits(*dtype) / 8;
  whole_ = {.name = std::move(parameter.name),
            .shape = is_scalar ? std::vector<uint64_t>() : std::move(parameter.shape),
            .dtype = *dtype,
            .sources = {},
            .pieces = {}};
  const auto matrix = matrix_extents(whole_.shape);
  if (!matrix) return malformed("its size overflows");
  whole_bytes_ = matrix->first * matrix->second * (bits(*dtype) / 8);
  found_bytes_ = 0;
  type_ = parameter.type;
  is_open_ = true;
  parameter.shape = whole_.shape;
  return extend(parameter);
}

Status MindSporeReader::extend(const Parameter& parameter) {
  if (parameter.type != type_ || parameter.shape != whole_.shape) {
    return malformed("its parts differ in type or shape");
  }
  const uint64_t bytes = parameter.content.size(), element_bytes = bits(whole_.dtype) / 8;
  if (bytes > whole_bytes_ - found_bytes_) {
    return malformed(cat("has more bytes than its shape ", shape_text(whole_.shape)));
  }
  if (bytes % element_bytes != 0) return malformed("a part ends inside an element");
  if (bytes == 0 && whole_bytes_ > 0) return malformed("a part is empty");
  if (whole_.pieces.size() >= kPiecesMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kPiecesMax, " parts"));
  }
  add_run(whole_, found_bytes_ / element_bytes, bytes / element_bytes, file_index_,
          parameter.content.begin);
  found_bytes_ += bytes;
  return {};
}

Status MindSporeReader::close() {
  is_open_ = false;
  const std::string name = cat("tensor '", escaped(whole_.name.substr(0, 200)), "'");
  if (found_bytes_ != whole_bytes_) {
    return malformed(cat(name, ": has ", found_bytes_, " bytes, its shape ",
                         shape_text(whole_.shape), " needs ", whole_bytes_));
  }
  auto tensor = join_pieces(std::move(whole_));
  if (!tensor) return std::move(tensor).error().within(name);
  tensor->file = file_index_;
  out_.tensors.push_back(*std::move(tensor));
  return {};
}

MindSporeFile MindSporeReader::finish() && {
  if (left_out_ != 0) {
    out_.notes.push_back(cat(left_out_, left_out_ == 1 ? " value" : " values",
                             " of types that are not read: ", first_left_out_));
  }
  return std::move(out_);
}

}  // namespace

Result<MindSporeFile> read_mindspore_file(const ReadFile& file, uint32_t file_index) {
  const auto end = end_of_entries(file);
  if (!end) return end.error();
  MindSporeReader reader(file, file_index);
  if (auto status = reader.run(*end); !status) return std::move(status).error();
  return std::move(reader).finish();
}

}  // namespace wmk::checkpoint
