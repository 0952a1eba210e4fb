#include "cli/detect/detect_options.h"

namespace wmk::cli {

DetectView view_of(const DetectOptions& options, const verify::Detection& found,
                   const ModelView& model) {
  DetectView view{found, model};
  view.path = options.model;
  view.base = options.base;
  view.record = options.record;
  view.naming = options.common.naming;
  view.passphrase_file = options.key.passphrase_file;
  view.controls = options.controls;
  view.release = options.carry.release;
  view.original = options.carry.original;
  view.shares = options.shares;
  view.share = options.share;
  view.full = options.full;
  view.by_layer = options.by_layer;
  view.readings = options.readings;
  view.sites = options.sites;
  view.alpha = options.alpha;
  return view;
}

}  // namespace wmk::cli
