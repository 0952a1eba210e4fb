#include "embed/mark/shared_stages.h"

#include <array>
#include <cstring>
#include <type_traits>

#include "base/text.h"
#include "mpi/processes.h"

namespace wmk::embed {

namespace {

constexpr std::string_view kEnd = "\n";  // of a member of RunIdentity

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
  const auto packed = [&] {
    std::string out;
    for (const Member& each : kMembers) out += cat((*own).*each.value, kEnd);
    return out;
  };
  mpi::Exchange first;
  first.take = [&](unsigned, std::string_view bytes) -> Status {
    for (const Member& each : kMembers) {
      const std::string member = cat((*own).*each.value, kEnd);
      if (!bytes.starts_with(member)) {
        return Error(ErrorCode::invalid_argument, cat("it has ", each.name));
      }
      bytes.remove_prefix(member.size());
    }
    return {};
  };
  auto met = mpi::exchange(own ? Result(packed()) : Result<std::string>(own.error()), first);
  return met ? Status() : Status(std::move(met).error());
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
