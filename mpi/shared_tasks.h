// Tasks that processes divide among themselves, so that all have all results.
//
// Thread-safety: one caller at a time, on each process; starts workers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "mpi/packed.h"
#include "mpi/shared_items.h"

namespace wmk::mpi {

// Calls work(i), which makes results[i], for all i in parallel. `is_shared` (all): for those of
// this process alone; the other results come from the others. Errors: those of `work`, here or on
// another process.
template <class T>
Status for_tasks(bool is_shared, unsigned threads, std::vector<T>& results,
                 const std::function<Status(size_t i)>& work) {
  if (!is_shared) {
    return parallel_for(results.size(), threads, [&](size_t i, unsigned) { return work(i); });
  }
  std::vector<size_t> own;
  for (size_t i = 0; i < results.size(); ++i) {
    if (owns(i)) own.push_back(i);
  }
  const Status status =
      parallel_for(own.size(), threads, [&](size_t k, unsigned) { return work(own[k]); });
  std::vector<std::string> texts;
  for (const size_t i : own) texts.push_back(status ? packed(results[i]) : std::string());
  using Texts = std::vector<std::string>;
  const auto all = gather(status ? Result<Texts>(std::move(texts)) : Result<Texts>(status.error()),
                          results.size());
  if (!all) return all.error();
  for (size_t i = 0; i < results.size(); ++i) {
    if (owns(i)) continue;
    if (Status read = unpack((*all)[i], results[i]); !read) return read;
  }
  return {};
}

}  // namespace wmk::mpi
