// A small file as a whole.
//
// Thread-safety: one caller; it lives as long as its request.
#pragma once

#include <string>

#include "base/text.h"
#include "remote/http_client.h"

namespace wmk::remote {

class WholeDownload : public Download {
 public:
  explicit WholeDownload(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::optional<ByteRange> missing() const override { return std::nullopt; }
  // libcurl compares Content-Length, or the end of the last chunk.
  bool is_complete() const override { return true; }
  uint64_t bytes_per_s_min() const override { return kBytesPerSecondMin; }
  // Each attempt begins anew.
  Status begin(const Answer& answer) override {
    text_.clear();
    if (answer.status == 200) return {};
    return Error(ErrorCode::malformed, cat("the server answers with status ", answer.status));
  }
  Status take(ByteView bytes) override {
    if (bytes.size() > bytes_max_ - text_.size()) {
      return Error(ErrorCode::limit_exceeded,
                   cat("has more than ", bytes_max_, " bytes, too many for a file of this kind"));
    }
    text_ += as_text(bytes);
    return {};
  }
  const std::string& text() const { return text_; }

 private:
  const uint64_t bytes_max_;
  std::string text_;
};

}  // namespace wmk::remote
