#include "embed/parts/part_sums.h"

#include "base/text.h"

namespace wmk::embed {

void PartSums::keep_fault(const std::string& name, const Error& error) {
  faults_.push_back(cat(name, ": ", error.message()));
}

Status PartSums::add(const SumsByName& part) {
  for (const auto& [name, sum] : part) {
    ++having_[name];
    const auto [entry, is_new] = own_.try_emplace(name, sum);
    if (!is_new && !add_sums(sum, entry->second)) {
      return malformed(cat("its sums of '", escaped(name), "' do not fit those of other parts"));
    }
  }
  return {};
}

const ScanSum* PartSums::find(const std::string& name, uint64_t blocks) {
  const auto found = having_.find(name);
  if (found == having_.end() || found->second != parts_) {
    ++missed_;
    return nullptr;
  }
  const ScanSum& sum = own_.at(name);
  if (sum.blocks != blocks) {
    refuse(name, cat("the parts cover ", sum.blocks, " of ", blocks, " blocks"));
    return nullptr;
  }
  ++taken_;
  return &sum;
}

void PartSums::refuse(const std::string& name, std::string_view why) {
  if (!status_) return;
  status_ = malformed(cat("the parts do not fit this model: ", name, ": ", why));
}

}  // namespace wmk::embed
