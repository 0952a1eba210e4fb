#include "base/memory/wiped.h"

#include <string.h>

namespace wmk {

void wipe(void* memory, size_t bytes) {
  if (bytes > 0) ::explicit_bzero(memory, bytes);
}

}  // namespace wmk
