#include "verify/trace/trace_answer.h"

#include <cmath>

#include "verify/claims/judge.h"

namespace wmk::verify {

void TraceAnswer::consider(const checkpoint::Reading& reading, const Hypothesis& hypothesis,
                           TraceScore score) {
  Rounds& of = score.found;
  const double z = std::abs(of.best.front().z), ln_p = of.ln_p;
  if (!is_empty() && (ln_p > ln_p_ || (ln_p == ln_p_ && z <= std::abs(found_.best.front().z))))
    return;
  ln_p_ = ln_p;
  found_.best = std::move(of.best);
  found_.named = of.named;
  found_.rounds = of.rounds;
  found_.site = score.site;
  found_.price = score.price;
  found_.expected_z = score.expected_z;
  found_.weights = score.weights;
  found_.length = score.length;
  found_.tags = score.tags;
  found_.pairs = score.pairs;
  found_.own_directions = score.own_directions;
  found_.head = std::move(score.head);
  found_.reading_words = reading.words();
  found_.frame = hypothesis.frame;
  found_.place = hypothesis.place;
}

}  // namespace wmk::verify
