#include "embed/parts/part_sums.h"

#include "base/text.h"

namespace wmk::embed {

PartSums PartSums::shared(unsigned part, unsigned parts, SumExchange exchange) {
  PartSums out(part, parts);
  out.exchange_ = std::move(exchange);
  return out;
}

Result<ScanSum> PartSums::share(const std::string& name, SharedScan own, uint64_t blocks) {
  auto all = exchange_(name, std::move(own));
  if (!all) {
    status_ = all.error();
  } else if (all->fault) {
    return *std::move(all->fault);
  } else if (all->sum.blocks != blocks) {
    status_ =
        malformed(cat(name, ": the processes read ", all->sum.blocks, " of ", blocks, " blocks"));
  }
  if (!status_) return status_.error();
  return std::move(all->sum);
}

Result<ScanSum> PartSums::hand_over(const std::string& name, Result<ScanSum> own, uint64_t blocks) {
  if (exchange_) {
    return share(name, own ? SharedScan{*std::move(own)} : SharedScan{{}, own.error()}, blocks);
  }
  if (is_kept() && own) own_.try_emplace(name, *own);
  if (is_kept() && !own) faults_.push_back(cat(name, ": ", own.error().message()));
  return own;
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
