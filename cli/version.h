// What `weightmark --version` prints, without the end of the last line. Thread-safety: pure
// function.
#pragma once

#include <string>

namespace wmk::cli {

std::string version_text();
// --verbose: also which kernels multiply matrices here, and why.
std::string verbose_version_text();

}  // namespace wmk::cli
