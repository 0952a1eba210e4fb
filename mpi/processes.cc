#include "mpi/processes.h"

#include <cstdio>

#include "base/text.h"
#include "mpi/transport.h"

namespace wmk::mpi {

namespace {

// After an error, others get so many seconds to come to the same point. Longer, and they are ended.
constexpr double kGrace = 3;
constexpr int kErrorCode = 2;
constexpr size_t kBytesMax = size_t{1} << 30;  // MPI counts with int
// Whether a process failed; and whether others were still at work then.
bool is_over = false, is_broken = false;
void (*print)(const Error&) = nullptr;

// 'v' and the bytes, or 'e', the code, the length of the message in 8 hexadecimal digits, message
// and hint.
std::string packed(const Result<std::string>& value) {
  if (value) return "v" + *value;
  const Error& error = value.error();
  char length[9];
  std::snprintf(length, sizeof length, "%08zx", error.message().size());
  return cat("e", static_cast<int>(error.code()), length, error.message(), error.hint());
}

Result<std::string> unpacked(std::string bytes) {
  if (bytes.starts_with('v')) return bytes.substr(1);
  constexpr size_t head = 10;
  const auto code = static_cast<ErrorCode>(bytes.at(1) - '0');
  const size_t length = std::stoul(bytes.substr(2, 8), nullptr, 16);
  return Error(code, bytes.substr(head, length)).with_hint(bytes.substr(head + length));
}

std::string name_of(unsigned number) { return cat("process ", number + 1); }

// Nobody listens: the first process is at work, and would not hear of it for a long time.
[[noreturn]] void end_all(Error error) {
  print(std::move(error).within(name_of(place().number)));
  transport::abort(kErrorCode);
}

Result<std::string> limited(Result<std::string> bytes) {
  if (!bytes || bytes->size() < kBytesMax) return bytes;
  return Error(ErrorCode::limit_exceeded, "the sums are too large to be exchanged");
}

// What the first process says to all of them.
Result<std::string> hear(Result<std::string> of_first) {
  std::string bytes = place().is_first() ? packed(of_first) : std::string();
  transport::broadcast(bytes);
  auto out = unpacked(std::move(bytes));
  is_over = is_over || !out;
  return out;
}

Result<std::string> exchange_at_first(Result<std::string> own, const Exchange& first) {
  Status status = own ? first.take(0, *std::move(own)) : Status(std::move(own).error());
  for (unsigned number = 1; number < place().count; ++number) {
    auto bytes = transport::receive(number, status ? std::nullopt : std::optional(kGrace));
    is_broken = is_broken || !bytes;
    if (!status) continue;
    auto value = unpacked(*std::move(bytes));
    status = value ? first.take(number, *std::move(value)) : Status(std::move(value).error());
    if (!status) status = std::move(status).error().within(name_of(number));
  }
  if (is_broken) return std::move(status).error();
  if (!status) return hear(std::move(status).error());
  return hear(limited(first.answer ? first.answer() : std::string()));
}

}  // namespace

void begin(int& argc, char**& argv, void (*print_error)(const Error&)) {
  print = print_error;
  transport::begin(argc, argv);
}

Place place() { return transport::place(); }

Result<std::string> exchange(Result<std::string> own, const Exchange& first) {
  if (is_over) return own ? Error(ErrorCode::io, "another process failed") : std::move(own).error();
  own = limited(std::move(own));
  if (place().is_first()) return exchange_at_first(std::move(own), first);
  const auto seconds = own ? std::nullopt : std::optional(kGrace);
  if (!transport::send_to_first(packed(own), seconds)) end_all(own.error());
  return hear(std::string());
}

Status meet(Status own) {
  auto met = exchange(own ? Result(std::string()) : std::move(own).error(),
                      {[](unsigned, const std::string&) { return Status(); }});
  return met ? Status() : Status(std::move(met).error());
}

int end(int code, const std::optional<Error>& error) {
  if (!is_over && !place().is_alone()) {
    const Status met = meet(error ? Status(*error) : Status());
    if (!met && !error && place().is_first()) {
      print(met.error());
      code = kErrorCode;
    }
  }
  if (is_broken) transport::abort(code);
  const bool is_first = place().is_first();
  transport::end();
  return is_first ? code : 0;
}

}  // namespace wmk::mpi
