#include "sign/reason.h"

#include <array>

namespace wmk::sign {

namespace {

// In the order of the enumerators.
constexpr auto kCodeNames = std::to_array<std::string_view>({
    "duplicate_key",
    "bundle_malformed",
    "media_type",
    "verification_material",
    "signature_count",
    "payload_type",
    "key_unsupported",
    "key_hint",
    "signature_invalid",
    "certificate_malformed",
    "certificate_untrusted",
    "certificate_expired",
    "certificate_not_yet_valid",
    "certificate_usage",
    "certificate_subject",
    "certificate_san",
    "certificate_identity",
    "certificate_oidc_issuer",
    "certificate_transparency",
    "timestamp_missing",
    "log_missing",
    "log_entry",
    "log_proof",
    "statement_malformed",
    "statement_type",
    "predicate_type",
    "subject",
    "root_digest",
    "manifest_empty",
    "resource_name",
    "resource_twice",
    "resource_algorithm",
    "resource_digest",
    "serialization_unsupported",
    "symlink",
    "special_file",
    "file_name",
    "file_differs",
    "file_missing",
    "file_extra",
    "file_changed",
    "file_unreadable",
    "weights_uncovered",
    "artifact_differs",
    "commitment_malformed",
    "commitment_parameters",
    "commitment_signer",
    "commitment_tree",
    "commitment_base",
    "commitment_key",
    "commitment_previous",
    "commitment_release",
    "disclosure_malformed",
    "disclosure_commitment",
    "disclosure_signer",
    "disclosure_opening",
    "own_statement",
});
static_assert(kCodeNames.size() == static_cast<size_t>(Code::own_statement) + 1);

}  // namespace

std::string_view to_string(Code code) { return kCodeNames[static_cast<size_t>(code)]; }

}  // namespace wmk::sign
