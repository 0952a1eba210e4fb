#include "library/models/licensee_ids.h"

#include "base/text.h"
#include "library/models/name_list.h"

namespace wmk::library {

namespace {

constexpr uint64_t kLicenseesBytesMax = 1ull << 30;
constexpr const char* kLicenseeId = "licensee id";

}  // namespace

Result<std::vector<std::string>> read_licensees(const std::string& path) {
  return read_names(path, kLicenseeId, kLicenseesBytesMax);
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

Result<std::vector<std::string>> ids_of(const LicenseeSource& source,
                                        const crypto::SecretBytes& key, unsigned threads) {
  if (source.ids.empty() + source.list.empty() + source.from_register.empty() != 2) {
    return Error(ErrorCode::invalid_argument,
                 "name the licensees by one of ids, a list and a register");
  }
  if (!source.list.empty()) return read_licensees(source.list);
  if (source.from_register.empty()) {
    const std::vector<std::string_view> ids(source.ids.begin(), source.ids.end());
    auto found = distinct_names(ids, kLicenseeId);
    if (!found) return std::move(found).error().within("the list");
    return found;
  }
  auto read = open_register(source.from_register, key, threads);
  if (!read) return std::move(read).error();
  return std::move(read->ids);
}

}  // namespace wmk::library
