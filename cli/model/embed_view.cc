#include "cli/model/embed_view.h"

#include "base/json.h"
#include "base/text.h"
#include "cli/mark_options.h"

namespace wmk::cli {

namespace {

void write_companions(const checkpoint::Companions& companions, json::Writer& out) {
  out.key("copied").begin_array();
  for (const auto& [path, note] : companions.copied) out.value(path.string());
  out.end_array().key("left").begin_array();
  for (const auto& [path, reason] : companions.left) {
    out.begin_object().member("name", path.string()).member("reason", reason).end_object();
  }
  out.end_array();
}

void write_read_back(const embed::ReadBackResult& found, bool licensee, json::Writer& out) {
  out.key("read_back").begin_object().member("z", found.read.total);
  out.member("expected_z", found.expected_z).member("weights", found.read.weights);
  out.key("shares").begin_array();
  for (size_t i = 0; i < found.read.z.size() && !licensee; ++i) {
    out.begin_object().member("share", static_cast<uint64_t>(i));
    out.member("z", found.read.z[i]).end_object();
  }
  out.end_array().end_object();
}

void write_resume(const EmbedSummary& s, json::Writer& out) {
  out.key("resume");
  if (!s.request.resume) {
    out.null();
    return;
  }
  const embed::ResumeReport& found = s.result->resume;
  out.begin_object().member("shards", static_cast<uint64_t>(found.shards));
  out.member("kept", static_cast<uint64_t>(found.kept)).key("rewritten").begin_array();
  for (const std::string& name : found.rewritten) out.value(name);
  out.end_array().end_object();
}

const embed::SiteReadBack* find_read_back(const EmbedSummary& s, embed::Site site) {
  if (!s.result) return nullptr;
  for (const embed::SiteReadBack& each : s.result->site_read_backs) {
    if (each.site == site) return &each;
  }
  return nullptr;
}

double relative_change(const embed::EmbedResult& result, embed::Site site) {
  if (site == embed::Site::ffn) return result.change.relative();
  return site == embed::Site::heads ? result.head_change.relative()
                                    : result.output_change.relative();
}

// One entry for each site. What was read back of the FFN has its own member.
void write_sites(const EmbedSummary& s, json::Writer& out) {
  out.key("sites").begin_array();
  for (const embed::SitePlan& each : s.sites.sites) {
    const bool marked = each.not_marked.empty();
    out.begin_object().member("site", to_string(each.site)).member("marked", marked);
    out.key("reason");
    marked ? out.null() : out.value(each.not_marked);
    out.member("expected_z", each.expected_z);
    if (each.site == embed::Site::output && marked) {
      out.member("pairs", static_cast<uint64_t>(s.sites.output_pairs));
      out.member("rows", s.sites.head.rows).member("tied", s.sites.head.tied);
    }
    if (s.result && marked) out.member("relative_change", relative_change(*s.result, each.site));
    if (const auto* found = find_read_back(s, each.site)) out.member("z", found->total);
    out.end_object();
  }
  out.end_array();
}

// "  heads: expected z 14.6, read back z 20.5, relative change 0.400 %"; the FFN has its own lines.
std::string sites_text(const EmbedSummary& s) {
  std::string out;
  for (const embed::SitePlan& each : s.sites.sites) {
    const bool marked = each.not_marked.empty();
    if (marked && each.site == embed::Site::ffn) continue;
    out += cat("  ", to_string(each.site), ": ");
    if (!marked) {
      out += cat("not marked (", each.not_marked, ")\n");
      continue;
    }
    out += cat("expected z ", fixed(each.expected_z, 1));
    if (each.site == embed::Site::output) out += cat(", ", s.sites.output_pairs, " pairs");
    if (const auto* found = find_read_back(s, each.site)) {
      out += cat(", read back z ", fixed(found->total, 1));
    }
    if (s.result) {
      out += cat(", relative change ", fixed(100 * relative_change(*s.result, each.site), 3), " %");
    }
    out += "\n";
  }
  return out;
}

std::string companions_text(const checkpoint::Companions& companions) {
  std::string copied, left;
  for (const auto& [path, note] : companions.copied) {
    copied += cat(copied.empty() ? "" : ", ", escaped(path.string()));
  }
  for (const auto& [path, reason] : companions.left) {
    left += cat(left.empty() ? "" : ", ", escaped(path.string()), " (", reason, ")");
  }
  return cat(copied.empty() ? "" : cat("  would copy ", copied, "\n"),
             left.empty() ? "" : cat("  would leave out ", left, "\n"));
}

std::string result_text(const EmbedSummary& s) {
  const embed::Change& change = s.result->change;
  const embed::ReadBackResult& found = s.result->read_back;
  const std::string wrote = cat("wrote ", si(static_cast<double>(s.result->bytes_written), "B"),
                                " in ", duration(s.seconds), "\n");
  const std::string record =
      cat("  record ", escaped(s.request.record.string()), " (secret: keep it with the key)\n");
  if (!s.sites.marks(embed::Site::ffn)) return cat("  ", wrote, record);
  std::string out = cat("  relative change ", fixed(change.relative() * 100, 3), " %, ", wrote);
  if (change.skipped > 0) {
    out +=
        cat("  skipped ", change.skipped, " of ", change.units, " units: ", change.reason(), "\n");
  }
  out +=
      cat("  read back z ", fixed(found.read.total, 1), " (expected ", fixed(found.expected_z, 1),
          ") from ", si(static_cast<double>(found.read.weights)), " weights");
  for (size_t i = 0; i < found.read.z.size() && found.read.z.size() > 1; ++i) {
    out += cat(i == 0 ? "; by share " : ", ", fixed(found.read.z[i], 1));
  }
  return cat(out, "\n", record);
}

}  // namespace

std::string embed_json(const EmbedSummary& s) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/embed/v1").member("dry_run", !s.result);
  out.member("units", s.model.anatomy.unit_count()).member("weights", s.plan.weights);
  out.member("strength", s.plan.strength).member("automatic_strength", s.plan.automatic);
  out.member("shares", static_cast<uint64_t>(s.request.licensee ? 0 : s.plan.shares));
  out.key("licensee");
  s.request.licensee ? out.value(*s.request.licensee) : out.null();
  out.member("expected_z", s.expected_z).member("key", s.fingerprint);
  out.member("labels", s.model.vocabulary.source.empty() ? "ids" : "strings");
  out.member("output", s.request.out.string()).member("record", s.request.record.string());
  write_companions(s.companions, out);
  write_sites(s, out);
  if (s.result) {
    const embed::Change& change = s.result->change;
    out.member("relative_change", change.relative());
    out.member("skipped_units", change.skipped).member("not_finite_units", change.not_finite);
    out.key("skipped_reason");
    change.skipped > 0 ? out.value(change.reason()) : out.null();
    if (s.sites.marks(embed::Site::ffn)) {
      write_read_back(s.result->read_back, s.request.licensee.has_value(), out);
    } else {
      out.key("read_back").null();
    }
    write_resume(s, out);
    out.member("bytes", s.result->bytes_written).member("seconds", s.seconds);
  }
  return out.end_object().finish();
}

std::string embed_text(const EmbedSummary& s) {
  const bool licensee = s.request.licensee.has_value();
  const std::string target = escaped(s.request.out.string());
  const std::string shares = cat(s.plan.shares, s.plan.shares == 1 ? " share" : " shares");
  const std::string whose =
      licensee ? cat("licensee '", escaped(*s.request.licensee), "' under ", s.fingerprint)
               : s.fingerprint;
  std::string out = s.result ? cat("marked: ", target, " carries the mark of ", whose, "\n")
                             : cat("plan: ", target, " would carry the mark of ", whose, "\n");
  if (s.sites.marks(embed::Site::ffn)) {
    out +=
        cat("  ", si(static_cast<double>(s.model.anatomy.unit_count())), " units, ",
            si(static_cast<double>(s.plan.weights)), " weights, strength ", strength_text(s.plan),
            licensee ? "" : cat(", ", shares), ", expected z ", fixed(s.expected_z, 1), "\n");
  } else if (!licensee) {
    out += cat("  ", shares, "\n");
  }
  out += sites_text(s);
  if (!s.result) {
    uint64_t bytes = 0;
    for (const ReadFile& file : s.model.checkpoint.files()) bytes += file.size();
    return out + companions_text(s.companions) +
           cat("  would write ", si(static_cast<double>(bytes), "B"), "; nothing written\n");
  }
  return out + result_text(s) +
         (licensee ? cat("  next: weightmark trace ", target, " --key KEY --licensees IDS\n")
                   : cat("  next: weightmark detect ", target, " --key KEY\n"));
}

}  // namespace wmk::cli
