// Progress of a long computation, reported to whatever displays it.
//
// Thread-safety: advance may be called from any worker; the implementation locks.
#pragma once

#include <cstdint>

namespace wmk {

class Progress {
 public:
  enum class Unit { bytes, steps };

  virtual ~Progress() = default;
  // Begins a stage with this amount of work. `stage` must stay valid until end().
  virtual void begin(const char* stage, uint64_t work, Unit unit = Unit::bytes) = 0;
  virtual void advance(uint64_t work) = 0;
  // Destructors call it.
  virtual void end() noexcept = 0;
};

}  // namespace wmk
