#include "remote/range_download.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::remote {

namespace {

Error has_changed() {
  return Error(ErrorCode::io, "the file has changed on the server since it was opened")
      .with_hint("run the command again");
}

}  // namespace

RangeDownload::RangeDownload(ByteRange range, std::optional<Version> version, Sink sink)
    : next_(range.first),
      last_(range.second),
      version_(std::move(version)),
      sink_(std::move(sink)) {}

// Status 206 with exactly the bytes that were asked for; a file may end sooner when it is opened.
Status RangeDownload::begin(const Answer& answer) {
  if (answer.status != 206) {
    return Error(ErrorCode::unsupported, "the server does not serve ranges of bytes")
        .with_hint("download the model and name its folder");
  }
  if (!answer.range) return Error(ErrorCode::malformed, "the answer has no valid Content-Range");
  const ContentRange& range = *answer.range;
  if (!version_) {
    version_ = Version{range.size, answer.etag, answer.modified};
    last_ = std::min(last_, range.size - 1);
  }
  if (range.size != version_->size || answer.etag != version_->etag) return has_changed();
  if (version_->etag.empty() && answer.modified != version_->modified) return has_changed();
  if (range.first == next_ && range.last == last_) return {};
  return Error(ErrorCode::malformed, cat("the server sends bytes ", range.first, " to ", range.last,
                                         " in place of ", next_, " to ", last_));
}

Status RangeDownload::take(ByteView bytes) {
  if (bytes.size() > last_ - next_ + 1) {
    return Error(ErrorCode::malformed, "the server sends more bytes than were asked for");
  }
  sink_(next_, bytes);
  next_ += bytes.size();
  return {};
}

}  // namespace wmk::remote
