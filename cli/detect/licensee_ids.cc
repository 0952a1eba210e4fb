#include "cli/detect/licensee_ids.h"

#include "base/text.h"
#include "cli/unique_lines.h"

namespace wmk::cli {

namespace {

constexpr uint64_t kLicenseesBytesMax = 1ull << 30;

}  // namespace

Result<std::vector<std::string>> read_licensees(const std::string& path) {
  return read_unique_lines(path, "licensee id", kLicenseesBytesMax);
}

Result<embed::LicenseeRegister> open_register(const std::string& path,
                                              const crypto::SecretBytes& key, unsigned threads) {
  auto read = embed::read_register(path);
  if (!read) return read;
  if (read->ids.empty()) {
    return Error(ErrorCode::invalid_argument, cat(escaped(path), ": contains no licensee id"))
        .with_hint("the public form of a register has no ids; give the one that the owner keeps");
  }
  if (auto status = embed::check_register(*read, key, threads); !status) {
    return std::move(status).error();
  }
  return read;
}

}  // namespace wmk::cli
