#include "verify/hypotheses.h"

namespace wmk::verify {

std::vector<Hypothesis> list_hypotheses(const checkpoint::Vocabulary& vocabulary, bool has_record) {
  std::vector<Hypothesis> out;
  const auto add = [&out](FrameSource frame) {
    out.push_back({frame, static_cast<unsigned>(out.size() + 1), 1});
  };
  if (!vocabulary.source.empty()) add(FrameSource::strings);
  add(FrameSource::ids);
  if (has_record) add(FrameSource::recorded);
  return out;
}

}  // namespace wmk::verify
