#include "checkpoint/numbers/npy.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr size_t kVersionBytes = 2;

Error malformed(std::string_view what) {
  return Error(ErrorCode::malformed, cat("not a valid .npy file: ", what));
}

// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }: a Python dictionary with these keys,
// each once, in any order.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  std::optional<std::string> type;
  std::optional<bool> fortran_order;
  std::optional<std::vector<uint64_t>> shape;

  bool parse() {
    if (!take('{')) return false;
    while (!take('}')) {
      const auto key = quoted();
      if (!key || !take(':') || !value(*key)) return false;
      if (!take(',') && !peek('}')) return false;
    }
    skip_spaces();
    return text_.empty() && type && fortran_order && shape;
  }

 private:
  void skip_spaces() {
    const size_t at = text_.find_first_not_of(" \t\n");
    text_.remove_prefix(at == std::string_view::npos ? text_.size() : at);
  }
  bool peek(char c) {
    skip_spaces();
    return !text_.empty() && text_.front() == c;
  }
  bool take(char c) {
    if (!peek(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    skip_spaces();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string> quoted() {
    skip_spaces();
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) return std::nullopt;
    const size_t end = text_.find(text_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string out(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return out;
  }
  std::optional<uint64_t> number() {
    skip_spaces();
    const size_t digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
    if (digits == 0 || digits > 15) return std::nullopt;
    uint64_t out = 0;
    for (const char c : text_.substr(0, digits)) out = out * 10 + static_cast<uint64_t>(c - '0');
    text_.remove_prefix(digits);
    return out;
  }
  bool value(const std::string& key) {
    if (key == "descr" && !type) return (type = quoted()).has_value();
    if (key == "fortran_order" && !fortran_order) {
      if (take_word("True")) fortran_order = true;
      if (!fortran_order && take_word("False")) fortran_order = false;
      return fortran_order.has_value();
    }
    if (key != "shape" || shape || !take('(')) return false;
    shape.emplace();
    while (!take(')')) {
      const auto extent = number();
      if (!extent || shape->size() == 8) return false;
      shape->push_back(*extent);
      if (!take(',') && !peek(')')) return false;
    }
    return true;
  }

  std::string_view text_;
};

Result<NpyMatrix> matrix_of(const HeaderParser& header, uint64_t offset, uint64_t file_bytes) {
  NpyMatrix out;
  out.offset = offset;
  const std::string& type = *header.type;
  if (type != "<f4" && type != "<f2") {
    return Error(ErrorCode::unsupported,
                 cat("it holds numbers of type '", escaped(type), "', not '<f4' or '<f2'"))
        .with_hint("save the array as float32 or float16");
  }
  out.dtype = type == "<f4" ? DType::f32 : DType::f16;
  if (*header.fortran_order) {
    return Error(ErrorCode::unsupported, "it is stored column by column")
        .with_hint("save numpy.ascontiguousarray(array)");
  }
  if (header.shape->size() != 2) {
    return Error(ErrorCode::unsupported,
                 cat("it has ", header.shape->size(), " dimensions, not two: rows and tokens"));
  }
  out.rows = header.shape->at(0);
  out.columns = header.shape->at(1);
  const auto elements = checked_product(out.rows, out.columns);
  const auto bytes = elements ? checked_product(*elements, bits(out.dtype) / 8) : std::nullopt;
  const auto end = bytes ? checked_sum(offset, *bytes) : std::nullopt;
  if (end != file_bytes) {
    return malformed(cat("a matrix of ", out.rows, " x ", out.columns, " does not fill its ",
                         file_bytes, " bytes"));
  }
  return out;
}

}  // namespace

bool is_npy(ByteView first_bytes) { return as_text(first_bytes).starts_with(kNpyMagic); }

Result<NpyMatrix> read_npy_header(const ReadFile& file) {
  std::array<std::byte, kNpyMagicBytes + kVersionBytes + sizeof(uint32_t)> front{};
  if (file.size() < front.size()) return malformed("it is too short");
  Status status = file.read_at(0, front);
  if (!status) return std::move(status).error();
  if (!is_npy(front)) return malformed("it does not begin with \\x93NUMPY");
  const auto version = std::to_integer<unsigned>(front[kNpyMagicBytes]);
  const auto minor = std::to_integer<unsigned>(front[kNpyMagicBytes + 1]);
  if (version < 1 || version > 3 || minor != 0) {
    return Error(ErrorCode::unsupported, cat("version ", version, ".", minor, " of .npy"));
  }
  const std::byte* length = &front[kNpyMagicBytes + kVersionBytes];
  const uint64_t begin = kNpyMagicBytes + kVersionBytes + (version == 1 ? 2 : 4);
  const uint64_t bytes = version == 1 ? load_le<uint16_t>(length) : load_le<uint32_t>(length);
  if (bytes > kNpyHeaderBytesMax) return malformed("its header is too long");
  if (begin + bytes > file.size()) return malformed("its header is longer than the file");
  std::string text(bytes, '\0');
  status = file.read_at(begin, std::as_writable_bytes(std::span(text)));
  if (!status) return std::move(status).error();
  HeaderParser header(text);
  if (!header.parse())
    return malformed("its header is not a dictionary of descr, fortran_order, shape");
  return matrix_of(header, begin + bytes, file.size());
}

}  // namespace wmk::checkpoint
