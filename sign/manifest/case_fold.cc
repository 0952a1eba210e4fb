#include "sign/manifest/case_fold.h"

#include <unicase.h>
#include <uninorm.h>

#include <cstdlib>
#include <memory>

namespace wmk::sign {

namespace {

struct FreeText {
  void operator()(uint8_t* text) const { std::free(text); }
};

}  // namespace

std::string case_folded(std::string_view name) {
  size_t size = 0;
  const std::unique_ptr<uint8_t, FreeText> folded(
      u8_casefold(reinterpret_cast<const uint8_t*>(name.data()), name.size(), nullptr, UNINORM_NFD,
                  nullptr, &size));
  if (!folded) return std::string(name);
  return {reinterpret_cast<const char*>(folded.get()), size};
}

}  // namespace wmk::sign
