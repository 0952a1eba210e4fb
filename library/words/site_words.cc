#include "library/words/site_words.h"

#include "base/text.h"
#include "embed/read/score.h"
#include "report/level.h"
#include "verify/claims/judge.h"

namespace wmk::library {

std::string_view site_words(verify::SiteChoice site) {
  switch (site) {
    case verify::SiteChoice::ffn:
      return "the FFN neurons";
    case verify::SiteChoice::heads:
      return "the attention heads";
    case verify::SiteChoice::output:
      return "the output head";
    default:
      return "all sites together";
  }
}

std::string excluded_words(const verify::Detection& found) {
  std::string out;
  for (const embed::Site site : found.excluded) {
    out += cat(out.empty() ? "" : " or ", site_words(verify::choice_of(site)));
  }
  return out.empty() ? std::string(site_words(verify::SiteChoice::ffn)) : out;
}

std::optional<std::string> disagreement(const verify::Detection& found) {
  constexpr double kNothing = 3.72;  // a raw z that chance reaches once in a thousand times
  const auto shown = [&](embed::Site wanted) -> const verify::SiteZ* {
    for (const verify::SiteZ& each : found.sites) {
      if (each.site == wanted) return &each;
    }
    return nullptr;
  };
  const verify::SiteZ *ffn = shown(embed::Site::ffn), *heads = shown(embed::Site::heads);
  if (ffn == nullptr || heads == nullptr || !report::is_yes(found.level)) return std::nullopt;
  const auto carries = [&](const verify::SiteZ& site) {
    return verify::yes_level(embed::ln_p(site.z, found.price), verify::kDefaultAlpha).has_value();
  };
  const auto lacks = [&](const verify::SiteZ& site) {
    return site.z < kNothing && site.expected_z / 2 > kNothing;
  };
  if (carries(*ffn) && lacks(*heads)) {
    return "FFN or experts come from the marked release, attention does not";
  }
  if (carries(*heads) && lacks(*ffn)) {
    return "attention comes from the marked release and carries the mark, the FFN does not: FFN or "
           "experts were made anew";
  }
  return std::nullopt;
}

std::optional<std::string> head_words(const verify::SiteZ& site) {
  if (site.head.empty()) return std::nullopt;
  return cat("two tensors may be the output head, and z is that of '", escaped(site.head), "'");
}

std::string group_name(const verify::GroupZ& group) {
  if (group.site == embed::Site::output) return "output head";
  if (group.site == embed::Site::heads) return cat("layer ", group.layer, ", heads");
  const std::string expert = group.expert   ? cat(", expert ", *group.expert)
                             : group.shared ? std::string(", shared expert")
                                            : std::string();
  return cat("layer ", group.layer, group.part.empty() ? "" : " ", group.part, expert);
}

}  // namespace wmk::library
