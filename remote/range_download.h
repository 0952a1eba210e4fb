// The bytes of one range of a file, checked against what is known of the file.
//
// Thread-safety: one caller; it lives as long as its request.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "remote/http_client.h"

namespace wmk::remote {

// What tells one version of a file from another.
struct Version {
  uint64_t size = 0;
  std::string etag, modified;
};

class RangeDownload : public Download {
 public:
  // Called with the bytes as they arrive, in order; `at` is their place in the file.
  using Sink = std::function<void(uint64_t at, ByteView bytes)>;

  // `version`: what the file must be; none: the first answer says it.
  RangeDownload(ByteRange range, std::optional<Version> version, Sink sink);

  std::optional<ByteRange> missing() const override { return ByteRange{next_, last_}; }
  bool is_complete() const override { return next_ > last_; }
  uint64_t bytes_per_s_min() const override { return kBytesPerSecondMin / kConnectionsMax; }
  Status begin(const Answer& answer) override;
  Status take(ByteView bytes) override;
  const std::optional<Version>& version() const { return version_; }

 private:
  uint64_t next_, last_;
  std::optional<Version> version_;
  Sink sink_;
};

}  // namespace wmk::remote
