// How the operating system's refusals are worded.
//
// Thread-safety: pure functions; pass errno in before anything else can change it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "base/result.h"
#include "base/text.h"

namespace wmk {

// "no space left on device": lower case, as all our messages are.
inline std::string errno_text(int number) {
  std::string text = std::generic_category().message(number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

// "out/model.safetensors: cannot write: no space left on device", code io.
inline Error errno_error(const std::filesystem::path& path, std::string_view what, int number) {
  return Error(ErrorCode::io, cat(escaped(path.string()), ": ", what, ": ", errno_text(number)));
}

}  // namespace wmk
