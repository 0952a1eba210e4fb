// Messages for errors of the operating system.
//
// Thread-safety: pure functions. Pass errno before another call can change it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "base/result.h"
#include "base/text.h"

namespace wmk {

// "no space left on device": lower case, as in all messages of this program.
inline std::string errno_text(int number) {
  std::string text = std::generic_category().message(number);
  if (!text.empty()) text[0] = lower_case(text[0]);
  return text;
}

// "out/model.safetensors: cannot write: no space left on device", code io.
inline Error errno_error(const std::filesystem::path& path, std::string_view what, int number) {
  return Error(ErrorCode::io, cat(escaped(path.string()), ": ", what, ": ", errno_text(number)));
}

}  // namespace wmk
