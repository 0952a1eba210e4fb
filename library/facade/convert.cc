#include "library/facade/convert.h"

#include "base/parallel.h"

namespace wmk::library {

namespace {

weightmark::ErrorKind kind_of(ErrorCode code) {
  using weightmark::ErrorKind;
  switch (code) {
    case ErrorCode::io:
      return ErrorKind::io;
    case ErrorCode::malformed:
    case ErrorCode::duplicate_key:
      return ErrorKind::malformed;
    case ErrorCode::unsupported:
      return ErrorKind::unsupported;
    case ErrorCode::invalid_argument:
      return ErrorKind::invalid_argument;
    case ErrorCode::limit_exceeded:
      return ErrorKind::limit_exceeded;
    default:
      return ErrorKind::crypto;
  }
}

}  // namespace

weightmark::Error public_error(const Error& error) {
  return {kind_of(error.code()), error.message(), error.hint()};
}

unsigned threads_of(const weightmark::Run& run) {
  return run.threads == 0 ? default_threads() : run.threads;
}

}  // namespace wmk::library
