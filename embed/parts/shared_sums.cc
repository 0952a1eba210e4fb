#include "embed/parts/shared_sums.h"

#include <algorithm>

#include "base/text.h"
#include "embed/parts/sum_message.h"
#include "mpi/processes.h"
#include "proto/detection_part.pb.h"

namespace wmk::embed {

namespace {

constexpr std::string_view kSum = "s", kFault = "f";

// A proto::ScanSum with the name, or the fault's code, a digit, and its text.
std::string message_of(const std::string& name, const SharedScan& scan) {
  if (scan.fault) return cat(kFault, static_cast<int>(scan.fault->code()), scan.fault->message());
  proto::ScanSum out;
  out.set_name(name);
  put_sum(scan.sum, out);
  return cat(kSum, out.SerializeAsString());
}

Result<SharedScan> scan_of_message(const std::string& name, std::string_view bytes) {
  const std::string_view rest = bytes.substr(std::min<size_t>(1, bytes.size()));
  if (bytes.starts_with(kFault) && !rest.empty()) {
    const auto code = static_cast<ErrorCode>(rest.front() - '0');
    return SharedScan{{}, Error(code, std::string(rest.substr(1)))};
  }
  proto::ScanSum in;
  if (!in.ParseFromArray(rest.data(), static_cast<int>(rest.size()))) {
    return malformed("its sums cannot be parsed");
  }
  if (in.name() != name) {
    return malformed(cat("it is at another scan: ", escaped(in.name()), " instead of ", name));
  }
  auto sum = sum_from(in);
  if (!sum) return std::move(sum).error();
  return SharedScan{*std::move(sum)};
}

// (all)
Result<SharedScan> exchange_scan(const std::string& name, const SharedScan& own) {
  SharedScan all;
  mpi::Exchange first;
  first.take = [&](unsigned, const std::string& bytes) -> Status {
    auto scan = scan_of_message(name, bytes);
    if (!scan) return std::move(scan).error();
    if (all.fault) return {};
    all.fault = std::move(scan->fault);
    if (all.fault || add_sums(scan->sum, all.sum)) return {};
    return malformed("its sums are of another size");
  };
  first.answer = [&] { return message_of(name, all); };
  const auto bytes = mpi::exchange(message_of(name, own), first);
  return bytes ? scan_of_message(name, *bytes) : Result<SharedScan>(bytes.error());
}

}  // namespace

PartSums sums_of_processes() {
  const mpi::Place here = mpi::place();
  return PartSums::shared(here.number + 1, here.count, exchange_scan);
}

}  // namespace wmk::embed
