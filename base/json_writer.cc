// Writing JSON; see base/json.h.
#include <cmath>

#include "base/bytes.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"

namespace wmk::json {

std::string quoted(std::string_view text) {
  static constexpr std::string_view plain_meanings = "\"\\\b\f\n\r\t";
  static constexpr std::string_view plain_letters = "\"\\bfnrt";
  std::string out = "\"";
  const auto put_control = [&](unsigned char point) { out.append("\\u00" + to_hex(point)); };
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    const size_t short_form = plain_meanings.find(text[0]);
    if (length == 0) {
      out.append("\xEF\xBF\xBD");  // U+FFFD: what we write is UTF-8, even if a name is not
    } else if (short_form != std::string_view::npos) {
      out.append({'\\', plain_letters[short_form]});
    } else if (lead < 0x20 || lead == 0x7F) {
      put_control(lead);
    } else if (lead == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0) {
      put_control(static_cast<unsigned char>(text[1]));  // terminals obey C1 controls, too
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out.push_back('"');
  return out;
}

void Writer::separate() {
  if (!first_ && !after_key_) out_.append(", ");
  first_ = false;
  after_key_ = false;
}

Writer& Writer::begin_object() {
  separate();
  out_.push_back('{');
  first_ = true;
  return *this;
}

Writer& Writer::end_object() {
  out_.push_back('}');
  first_ = false;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_.push_back('[');
  first_ = true;
  return *this;
}

Writer& Writer::end_array() {
  out_.push_back(']');
  first_ = false;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  out_.append(quoted(name)).append(": ");
  after_key_ = true;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  out_.append(quoted(text));
  return *this;
}

Writer& Writer::value(bool truth) {
  separate();
  out_.append(truth ? "true" : "false");
  return *this;
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  out_.append(to_text(number));
  return *this;
}

Writer& Writer::value(uint64_t number) {
  separate();
  out_.append(to_text(number));
  return *this;
}

Writer& Writer::value(int number) {
  separate();
  out_.append(to_text(number));
  return *this;
}

Writer& Writer::null() {
  separate();
  out_.append("null");
  return *this;
}

std::string Writer::finish() {
  out_.push_back('\n');
  return std::move(out_);
}

}  // namespace wmk::json
