#include "mpi/shared_items.h"

#include <cstring>

#include "base/text.h"
#include "mpi/processes.h"

namespace wmk::mpi {

namespace {

// Each text after its length, in 8 bytes of this machine's order.
std::string text_of_items(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    const uint64_t size = item.size();
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out += item;
  }
  return out;
}

Result<std::vector<std::string>> items_of_text(std::string_view bytes) {
  std::vector<std::string> out;
  while (!bytes.empty()) {
    uint64_t size = 0;
    if (bytes.size() < sizeof size) return malformed("its items are cut off");
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (bytes.size() < size) return malformed("its items are cut off");
    out.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return out;
}

Result<std::string> message_of(const Result<std::vector<std::string>>& items) {
  if (!items) return items.error();
  return text_of_items(*items);
}

}  // namespace

bool owns(size_t item) { return item % place().count == place().number; }

Result<std::vector<std::string>> gather(Result<std::vector<std::string>> own, size_t count) {
  const unsigned processes = place().count;
  std::vector<std::string> all(count);
  Exchange first;
  first.take = [&](unsigned number, const std::string& bytes) -> Status {
    auto items = items_of_text(bytes);
    if (!items) return std::move(items).error();
    if (items->size() != (count + processes - 1 - number) / processes) {
      return Error(ErrorCode::invalid_argument, "it sees other files");
    }
    for (size_t i = 0; i < items->size(); ++i) {
      all[number + i * processes] = std::move((*items)[i]);
    }
    return {};
  };
  first.answer = [&] { return text_of_items(all); };
  const auto bytes = exchange(message_of(own), first);
  return bytes ? items_of_text(*bytes) : bytes.error();
}

Status agree(const Result<std::vector<std::string>>& own, const Check& check) {
  Exchange first;
  first.take = [&](unsigned, const std::string& bytes) -> Status {
    const auto other = items_of_text(bytes);
    if (!other) return other.error();
    if (other->size() != own->size()) return malformed("it is at another command");
    return check(*other);
  };
  const auto met = exchange(message_of(own), first);
  return met ? Status() : Status(met.error());
}

}  // namespace wmk::mpi
