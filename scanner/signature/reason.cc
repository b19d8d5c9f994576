#include "scanner/signature/reason.h"

#include <array>
#include <cstddef>

namespace xzgate::signature {
namespace {

struct Words {
  std::string_view code;
  std::string_view word;
};

// In the order of the enum.
constexpr std::array<Words, 19> kReasons = {{
    {"", "none"},
    {"SG001", "unsigned"},
    {"SG002", "malformed"},
    {"SG003", "signature"},
    {"SG004", "claims"},
    {"SG005", "identity"},
    {"SG006", "certificate"},
    {"SG007", "sct"},
    {"SG008", "log"},
    {"SG009", "timestamp"},
    {"SG010", "trust_root"},
    {"SG011", "threshold"},
    {"SG012", "attestation"},
    {"SG013", "condition"},
    {"SG014", "registry"},
    {"SG015", "too_many"},
    {"SG016", "unsupported"},
    {"SG017", "no_requirement"},
    {"SG018", "signature_pending"},
}};

}  // namespace

std::string_view Code(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)].code;
}

std::string_view ToString(Reason reason) {
  return kReasons[static_cast<std::size_t>(reason)].word;
}

}  // namespace xzgate::signature
