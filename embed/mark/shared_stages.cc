#include "embed/mark/shared_stages.h"

#include <array>
#include <cstring>
#include <type_traits>

#include "base/text.h"
#include "mpi/processes.h"
#include "mpi/shared_items.h"

namespace wmk::embed {

namespace {

struct Member {
  std::string RunIdentity::*value;
  const char* name;
};
constexpr std::array<Member, 5> kMembers = {
    {{&RunIdentity::program, "another version of weightmark"},
     {&RunIdentity::arithmetic, "another order of sums: set WMK_KERNEL and OPENBLAS_CORETYPE"},
     {&RunIdentity::key, "another key"},
     {&RunIdentity::source, "another model, or files of another time"},
     {&RunIdentity::request, "other options"}}};

}  // namespace

Status meet_on(const Result<RunIdentity>& own) {
  using Items = std::vector<std::string>;
  const auto items = [&] {
    Items out;
    for (const Member& each : kMembers) out.push_back((*own).*each.value);
    return out;
  };
  const auto check = [&](const Items& other) -> Status {
    for (size_t i = 0; i < kMembers.size(); ++i) {
      if (other[i] == (*own).*kMembers[i].value) continue;
      return Error(ErrorCode::invalid_argument, cat("it has ", kMembers[i].name));
    }
    return {};
  };
  return mpi::agree(own ? Result(items()) : Result<Items>(own.error()), check);
}

static_assert(std::is_trivially_copyable_v<StageChange>);

std::vector<unsigned> owners_of(const checkpoint::Checkpoint& checkpoint, unsigned processes) {
  double total = 0, before = 0;
  for (const ReadFile& file : checkpoint.files()) total += static_cast<double>(file.size());
  std::vector<unsigned> out;
  for (const ReadFile& file : checkpoint.files()) {
    const double middle = before + static_cast<double>(file.size()) / 2;
    before += static_cast<double>(file.size());
    out.push_back(std::min(processes - 1, static_cast<unsigned>(middle / total * processes)));
  }
  return out;
}

Result<std::vector<StageChange>> sum_stages(const std::vector<unsigned>& owners,
                                            Result<std::vector<StageChange>> own) {
  std::vector<StageChange> out(owners.size() + 1);
  const size_t bytes = out.size() * sizeof(StageChange);
  const auto take = [&](unsigned number, const std::string& text) -> Status {
    std::vector<StageChange> theirs(out.size());
    if (text.size() != bytes) return malformed("its stages are not those of this model");
    std::memcpy(theirs.data(), text.data(), bytes);
    for (size_t s = 0; s < out.size(); ++s) {
      if (s < owners.size() && owners[s] == number) out[s].ffn = theirs[s].ffn;
      if (s > 0 && owners[s - 1] == number) out[s].heads = theirs[s].heads;
    }
    return {};
  };
  Result<std::string> text = own ? Result(std::string(bytes, '\0')) : std::move(own).error();
  if (text) std::memcpy(text->data(), own->data(), bytes);
  auto all = mpi::exchange(std::move(text), {take});
  if (!all) return std::move(all).error();
  return out;
}

}  // namespace wmk::embed
