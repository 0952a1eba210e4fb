// The tokens of JSON: white space, literals, numbers and strings; for the parser only.
//
// Purpose: moves through one text, counts lines and remembers the first failure. Newlines occur
// only between tokens, so lines are counted there, and strings can be unescaped in place. Lifetime:
// the text must outlive the scanner. The NUL at the end of a std::string stops every loop.
// Thread-safety: one caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wmk::json {

class Scanner {
 public:
  Scanner(std::string& text, bool nul_allowed, bool range_ignored)
      : at_(text.data()),
        end_(text.data() + text.size()),
        line_start_(at_),
        nul_allowed_(nul_allowed),
        range_ignored_(range_ignored) {}

  // The next byte; NUL at the end as well.
  char peek() const { return *at_; }
  bool at_end() const { return at_ == end_; }
  bool starts_with(std::string_view text) const {
    return std::string_view(at_, end_).starts_with(text);
  }
  void skip() { ++at_; }
  void skip_space();

  // Each reads one token, which starts at the next byte; false after a failure.
  bool literal(std::string_view wanted);
  // A number out of range is a failure, or gives an empty text.
  bool number(std::string_view& out);
  // Unescaped in place: no escape is shorter than the character it stands for.
  bool string(std::string_view& out);

  std::string place() const;  // "line 3, column 5", of the next byte

  // Both return false, so that callers can write "return fail(...)".
  bool fail(std::string_view what, ErrorCode code = ErrorCode::malformed);
  bool unexpected(std::string_view wanted);
  const std::optional<Error>& error() const { return error_; }

 private:
  bool digits();
  bool escape(char*& to);
  bool unicode_escape(char*& to);

  char* at_;
  char* const end_;
  char* line_start_;
  uint64_t line_ = 1;
  const bool nul_allowed_;
  const bool range_ignored_;
  std::optional<Error> error_;
};

}  // namespace wmk::json
