// The careful sketches of one FFN: a layer, or one expert (specs/careful.md).
//
// Purpose: reads all units of a group, merges those with one gate, sorts the neurons by strength
// and sketches each band of strength. Lifetime: refers to its arguments. Thread-safety: belongs to
// one worker.
#pragma once

#include <optional>
#include <vector>

#include "embed/careful/careful_panel.h"
#include "embed/read/band.h"
#include "embed/read/panel_store.h"
#include "embed/read/sketch.h"
#include "neurons/careful/gate_signs.h"
#include "neurons/careful/same_gate.h"

namespace wmk::embed {

using Band = BandOf<SketchSet>;
using Bands = BandsOf<SketchSet>;

class CarefulFfn {
 public:
  CarefulFfn(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
             const Projector& projector, ScanMemo memo);

  // Reads group number `group`.
  Status read(size_t group, Progress* progress);
  // Merges neurons with one gate.
  Status merge();
  // The bands of its neurons, without sketches.
  Bands counted();
  // Adds the neurons to the sketches of those bands that have one, and ends the use of this group.
  void sketch(Bands& bands);

  uint64_t units() const { return present_.size(); }
  uint64_t skipped() const { return skipped_; }
  uint64_t not_finite() const { return not_finite_; }
  uint64_t bytes() const { return bytes_; }

 private:
  neurons::VectorSource source(VectorKind kind) const;
  void note_panel(const Panel& panel);
  Result<neurons::Clusters> find_clusters();
  void clear(size_t unit);
  Status project_merged(VectorKind kind, const neurons::Clusters& clusters,
                        const neurons::MemberRows& rows,
                        const std::vector<std::vector<double>>& coefficients);
  std::optional<int> only_band(const Panel& panel, size_t first) const;

  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  const Projector& projector_;
  ScanMemo memo_;
  CarefulPanels projection_;
  SketchWorker sketcher_;
  UnitBytes block_;

  size_t group_ = 0;
  bool gated_ = true;
  // A merged neuron is at the place of its first unit; the others are cleared.
  PanelStore panels_;
  Panel gathered_;
  PerKind<std::vector<neurons::RowScale>> scales_;
  std::vector<uint8_t> present_;        // by unit; of merged ones only the first
  std::vector<uint32_t> multiplicity_;  // units of the neuron
  std::vector<double> strength_;        // log2 |u| |v|
  std::vector<int> band_;
  neurons::GateSigns signs_{0};
  uint64_t skipped_ = 0, not_finite_ = 0, bytes_ = 0;
};

}  // namespace wmk::embed
