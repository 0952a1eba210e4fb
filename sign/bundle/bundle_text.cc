// Writing bundles; see sign/bundle/bundle.h.
#include "base/text.h"
#include "crypto/encoding.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/json_fields.h"

namespace wmk::sign {

namespace {

using json::Kind;
using json::Value;

void put_timestamp(json::Writer& out, ByteView response) {
  out.begin_object().member("signedTimestamp", crypto::to_base64(response)).end_object();
}

// The object with the old responses and the new one.
void put_timestamps(json::Writer& out, const std::optional<Value>& before, ByteView response) {
  out.begin_object().key("rfc3161Timestamps").begin_array();
  const auto list = before ? member(*before, "rfc3161Timestamps", Kind::array) : std::nullopt;
  if (list) {
    for (const Value old : *list) copy_value(old, out);
  }
  put_timestamp(out, response);
  out.end_array().end_object();
}

}  // namespace

std::string bundle_text(const Bundle& bundle) {
  json::Writer out;
  out.begin_object().member("mediaType", kMediaType);
  out.key("verificationMaterial").begin_object();
  if (bundle.material == Bundle::Material::public_key) {
    out.key("publicKey").begin_object().member("hint", bundle.hint).end_object();
  } else {
    out.key("x509CertificateChain").begin_object().key("certificates").begin_array();
    for (const Bytes& der : bundle.certificates) {
      out.begin_object().member("rawBytes", crypto::to_base64(der)).end_object();
    }
    out.end_array().end_object();
  }
  out.key("tlogEntries").begin_array().end_array().end_object();
  out.key("dsseEnvelope").begin_object();
  out.member("payload", crypto::to_base64(as_bytes(bundle.payload)));
  out.member("payloadType", kPayloadType).key("signatures").begin_array();
  out.begin_object().member("sig", crypto::to_base64(bundle.signature)).end_object();
  return out.end_array().end_object().end_object().finish();
}

Result<std::string> with_timestamp(std::string bundle, ByteView response) {
  auto document = json::Document::parse(std::move(bundle), document_limits());
  if (!document) return std::move(document).error();
  json::Writer out;
  out.begin_object();
  for (const Value part : document->root()) {
    out.key(part.key());
    if (part.key() != "verificationMaterial" || !part.is(Kind::object)) {
      copy_value(part, out);
      continue;
    }
    out.begin_object();
    for (const Value material : part) {
      if (material.key() == "timestampVerificationData") continue;
      out.key(material.key());
      copy_value(material, out);
    }
    out.key("timestampVerificationData");
    put_timestamps(out, part.find("timestampVerificationData"), response);
    out.end_object();
  }
  return out.end_object().finish();
}

}  // namespace wmk::sign
