// URIs of keys on tokens; see sign/keys/token.h.
#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "sign/keys/token.h"

namespace wmk::sign {

namespace {

constexpr size_t kUriBytesMax = 4096;

Error refused(std::string text) { return Error(ErrorCode::invalid_argument, std::move(text)); }

// "%2F" -> "/"; nullopt for a '%' without two digits, and for NUL.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const auto byte = hex_byte(text.substr(i + 1));
      if (!byte) return std::nullopt;
      c = static_cast<char>(*byte);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  return out;
}

// Calls `take` for each "name=value" in `list`, until it returns an Error.
template <class Take>
Status each_attribute(std::string_view list, char separator, Take take) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(separator), list.size());
    const std::string_view part = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const size_t equals = part.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return refused(cat("'", escaped(part), "' is not an attribute of a pkcs11 URI"));
    }
    if (part.starts_with("pin-value=")) {
      return refused("other users can read a PIN on the command line; do not use pin-value")
          .with_hint("use --password-file, pin-source=file:... or the terminal");
    }
    const auto value = decoded(part.substr(equals + 1));
    if (!value) return refused(cat("'", escaped(part), "' is not percent-encoded"));
    auto status = take(part.substr(0, equals), *value);
    if (!status) return status;
  }
  return {};
}

// The file in "file:..." or a plain path. "|command", which other programs run, is refused.
Result<std::string> pin_file(std::string_view value) {
  if (value.starts_with("file:")) value.remove_prefix(5);
  if (value.starts_with("///")) value.remove_prefix(2);
  if (value.empty() || value.front() == '|') return refused("pin-source must name a file");
  return std::string(value);
}

}  // namespace

Result<TokenUri> TokenUri::parse(std::string_view text) {
  if (text.size() > kUriBytesMax) return refused("the pkcs11 URI is too long");
  const size_t query = std::min(text.find('?'), text.size());
  TokenUri uri;
  uri.object = text.substr(0, query);
  bool names_object = false;
  auto status = each_attribute(text.substr(0, query).substr(7), ';',
                               [&](std::string_view name, const std::string&) -> Status {
                                 names_object = names_object || name == "object" || name == "id";
                                 return {};
                               });
  if (!status) return std::move(status).error();
  if (!names_object) {
    return refused(cat(escaped(uri.object), ": does not name a key"))
        .with_hint("for example: pkcs11:token=TOKEN;object=LABEL (or id=%01)");
  }
  if (query == text.size()) return uri;
  status = each_attribute(
      text.substr(query + 1), '&', [&](std::string_view name, const std::string& value) -> Status {
        if (name == "module-path") uri.module_path = value;
        if (name == "module-path") return {};
        if (name != "pin-source") {
          return refused(
              cat("the attribute '", escaped(name), "' of a pkcs11 URI is not supported"));
        }
        auto file = pin_file(value);
        if (!file) return std::move(file).error();
        uri.pin_source = std::move(*file);
        return {};
      });
  if (!status) return std::move(status).error();
  return uri;
}

}  // namespace wmk::sign
