#include "weightmark/result.h"

#include "library/facade/word_of.h"

namespace weightmark {

std::string_view to_string(ErrorKind kind) {
  return wmk::library::word_of<ErrorKind, 8>(
      kind, {"io", "malformed", "unsupported", "invalid_argument", "limit_exceeded", "crypto",
             "cancelled", "internal"});
}

}  // namespace weightmark
