#include "sign/bundle/envelope.h"

#include "base/bytes.h"
#include "base/text.h"

namespace wmk::sign {

namespace {

// Python's b'...' or b"...": double quotes if the text contains single quotes and no double ones.
std::string as_python_prints(std::string_view bytes) {
  const bool has_single = bytes.find('\'') != std::string_view::npos;
  const bool has_double = bytes.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out = {'b', quote};
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\' || c == quote) {
      out.append({'\\', c});
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out.append({'\\', c == '\n' ? 'n' : c == '\r' ? 'r' : 't'});
    } else if (byte < 0x20 || byte >= 0x7F) {
      out.append("\\x" + to_hex(byte));
    } else {
      out.push_back(c);
    }
  }
  out.push_back(quote);
  return out;
}

}  // namespace

std::string pre_authentication(std::string_view type, std::string_view payload) {
  return cat("DSSEv1 ", type.size(), " ", type, " ", payload.size(), " ", payload);
}

std::string legacy_pre_authentication(std::string_view type, std::string_view payload) {
  return cat("DSSEV1 ", type.size(), " ", type, " ", payload.size(), " ",
             as_python_prints(payload));
}

}  // namespace wmk::sign
