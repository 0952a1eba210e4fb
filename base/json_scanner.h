// The tokens of JSON: space, words, numbers and strings; for the parser alone.
//
// Purpose: walks over one text, counts lines and remembers the first failure. A newline can stand
// only between tokens, so lines are counted there, and strings may be unescaped in place.
// Lifetime: the text outlives the scanner and ends with the NUL of std::string, which stops every
// loop. Thread-safety: one caller.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wmk::json {

class Scanner {
 public:
  Scanner(std::string& text, bool nul_allowed)
      : at_(text.data()),
        end_(text.data() + text.size()),
        line_start_(at_),
        nul_allowed_(nul_allowed) {}

  // The byte that comes next; NUL at the end, too.
  char peek() const { return *at_; }
  bool at_end() const { return at_ == end_; }
  bool starts_with(std::string_view text) const {
    return std::string_view(at_, end_).starts_with(text);
  }
  void skip() { ++at_; }
  void skip_space();

  // Each reads one token whose first byte comes next; false after a failure.
  bool word(std::string_view wanted);
  bool number(std::string_view& out);
  // Unescaped, in place: no escape is shorter than what it stands for.
  bool string(std::string_view& out);

  // Both return false, for "return fail(...)".
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
  std::optional<Error> error_;
};

}  // namespace wmk::json
