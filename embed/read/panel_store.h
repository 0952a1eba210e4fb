// The coordinates of all units of an FFN, in panels as they were projected.
//
// Lifetime: owns its panels; reused from FFN to FFN. Thread-safety: belongs to one worker.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "embed/read/coordinates.h"

namespace wmk::embed {

class PanelStore {
 public:
  // Makes room for an FFN; the caller projects into each panel.
  void resize(size_t units, size_t columns, bool gated);

  size_t count() const { return panels_.size(); }
  Panel& panel(size_t index) { return panels_[index]; }
  // The panel that begins with this unit, or has it.
  Panel& panel_of(size_t unit) { return panels_[unit / checkpoint::kPanelUnits]; }
  float& y(VectorKind kind, size_t column, size_t unit);
  // Sets the coordinates of a unit to zero: it adds nothing to a sketch.
  void clear(size_t unit);
  // A panel of these units, ascending, at most kPanelUnits. Its last ones may be empty.
  void gather(std::span<const uint32_t> units, Panel& out) const;

 private:
  std::vector<Panel> panels_;
  size_t columns_ = 0;
  bool gated_ = true;
};

}  // namespace wmk::embed
