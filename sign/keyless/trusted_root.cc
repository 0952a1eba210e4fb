#include "sign/keyless/trusted_root.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/json_fields.h"
#include "sign/keys/x509.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

constexpr std::string_view kRootMediaType =
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
constexpr size_t kInstancesMax = 64;
constexpr size_t kChainMax = 8;

// "https://rekor.sigstore.dev/path" -> "rekor.sigstore.dev".
std::string host_of(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find('/')));
}

Result<Bytes> base64_of(const Value& object, std::string_view key) {
  const auto text = text_member(object, key);
  auto bytes = text ? crypto::from_either_base64(*text) : std::nullopt;
  if (!bytes || bytes->empty()) return malformed(cat("'", key, "' is not base64"));
  return std::move(*bytes);
}

Result<TimeRange> range_of(const Value& object) {
  const auto range = member(object, "validFor", Kind::object);
  const auto text = range ? text_member(*range, "start") : std::nullopt;
  const auto start = text ? parse_time(*text, Rounding::up) : std::nullopt;
  if (!start) return malformed("'validFor' has no 'start' that is a time");
  TimeRange out{*start, std::nullopt};
  if (const auto given = range->find("end"); given && !given->is(Kind::null)) {
    const auto end = given->string();
    out.end = end ? parse_time(*end, Rounding::down) : std::nullopt;
    if (!out.end) return malformed("'end' of 'validFor' is not a time");
  }
  return out;
}

template <class T>
void name_instance(const Value& object, std::string_view url_key, T& out) {
  out.name = host_of(text_member(object, url_key).value_or("unnamed"));
  out.operator_name = text_member(object, "operator").value_or("");
  if (out.operator_name.empty()) out.operator_name = out.name;
}

Status read_log(const Value& object, std::vector<TrustedLog>& logs) {
  const auto key = member(object, "publicKey", Kind::object);
  const auto id = member(object, "logId", Kind::object);
  if (!key || !id) return malformed("a log without 'publicKey' or 'logId'");
  auto der = base64_of(*key, "rawBytes");
  if (!der) return std::move(der).error();
  auto log_id = base64_of(*id, "keyId");
  if (!log_id) return std::move(log_id).error();
  auto range = range_of(*key);
  if (!range) return std::move(range).error();
  auto log_key = LogKey::from_der(*der);
  if (!log_key) return {};
  TrustedLog log{{}, {}, std::move(*log_id), std::move(*log_key), *range};
  name_instance(object, "baseUrl", log);
  logs.push_back(std::move(log));
  return {};
}

Status read_authority(const Value& object, std::vector<TrustedChain>& authorities) {
  const auto chain = member(object, "certChain", Kind::object);
  const auto list = chain ? member(*chain, "certificates", Kind::array) : std::nullopt;
  if (!list || list->size() == 0 || list->size() > kChainMax) {
    return malformed(cat("an authority without 1 to ", kChainMax, " certificates"));
  }
  TrustedChain authority;
  name_instance(object, "uri", authority);
  for (const Value certificate : *list) {
    auto der = base64_of(certificate, "rawBytes");
    if (!der) return std::move(der).error();
    if (!certificate_from(*der)) return malformed("a certificate cannot be read");
    authority.certificates.push_back(std::move(*der));
  }
  auto range = range_of(object);
  if (!range) return std::move(range).error();
  authority.valid = *range;
  authorities.push_back(std::move(authority));
  return {};
}

template <class T>
Status read_each(const Value& root, std::string_view key,
                 Status (*read)(const Value&, std::vector<T>&), std::vector<T>& out) {
  const auto list = root.find(key);
  if (!list) return {};
  if (!list->is(Kind::array) || list->size() > kInstancesMax) {
    return malformed(cat("'", key, "' is not a list of at most ", kInstancesMax));
  }
  for (const Value item : *list) {
    if (!item.is(Kind::object)) return malformed(cat("'", key, "' contains no object"));
    auto status = read(item, out);
    if (!status) return std::move(status).error().within(key);
  }
  return {};
}

}  // namespace

Result<TrustedRoot> TrustedRoot::parse(std::string text) {
  json::Limits limits;
  limits.bytes_max = kTrustedRootBytesMax;
  limits.depth_max = 16;
  limits.values_max = 100'000;
  const auto document = json::Document::parse(std::move(text), limits);
  if (!document) return Error(document.error());
  const Value root = document->root();
  if (text_member(root, "mediaType") != kRootMediaType) {
    return malformed(cat("not a Sigstore trusted root: the media type must be ", kRootMediaType));
  }
  TrustedRoot out;
  auto status = read_each(root, "tlogs", read_log, out.logs);
  if (status) status = read_each(root, "ctlogs", read_log, out.certificate_logs);
  if (status) {
    status = read_each(root, "certificateAuthorities", read_authority, out.authorities);
  }
  if (status) {
    status = read_each(root, "timestampAuthorities", read_authority, out.timestamp_authorities);
  }
  if (!status) return std::move(status).error();
  return out;
}

Result<TrustedRoot> TrustedRoot::read(const std::filesystem::path& path) {
  auto text = read_text(path, kTrustedRootBytesMax);
  if (!text) return std::move(text).error();
  auto root = parse(std::move(*text));
  if (!root) return std::move(root).error().within(escaped(path.string()));
  return root;
}

}  // namespace wmk::sign
