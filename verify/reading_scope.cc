// How far the list of readings is followed.
#include "verify/detect.h"

namespace wmk::verify {

std::optional<ReadingScope> scope_of(std::string_view word) {
  if (word == "declared") return ReadingScope::declared;
  if (word == "usual") return ReadingScope::usual;
  return word == "all" ? std::optional(ReadingScope::all) : std::nullopt;
}

size_t end_of(ReadingScope scope) {
  if (scope == ReadingScope::declared) return 1;
  return scope == ReadingScope::usual ? kUsualReadings : SIZE_MAX;
}

}  // namespace wmk::verify
