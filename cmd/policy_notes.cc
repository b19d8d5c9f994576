#include "cmd/policy_notes.h"

#include <algorithm>
#include <set>
#include <variant>

#include "base/text.h"

namespace xzgate::cmd {
namespace {

using signature::Authority;

class Notes {
 public:
  Notes(const policy::PolicySet& policies, WallTime now) : now_(now), list_(policies.notes()) {
    for (const auto& rule : policies.rules()) {
      for (const auto& entry : rule.signature_rules) {
        for (const auto& authority : entry.sealed.requirement->authorities) {
          if (seen_.insert(authority.get()).second) AddAuthority(rule.policy, *authority);
        }
      }
    }
  }

  std::vector<std::string> Take() { return std::move(list_); }

 private:
  void AddAuthority(const std::string& policy, const Authority& authority) {
    const std::string who =
        "policy " + Quote(policy) + ": note: authority " + Quote(authority.name) + ": ";
    if (const auto* keys = std::get_if<signature::KeyAuthority>(&authority.kind)) {
      if (keys->valid.end && *keys->valid.end < now_)
        list_.push_back(who + "its keys ended at " + ToRfc3339(*keys->valid.end));
      if (!keys->require_tlog && !keys->require_timestamp) return;  // no root is asked
    }
    if (const auto* own = std::get_if<signature::CertificateAuthority>(&authority.kind)) {
      for (const auto& root : own->roots) {
        if (!root.IsValidAt(now_))
          list_.push_back(who + "root " + Quote(root.Subject(), 128) + " is not valid now");
      }
      if (!own->require_timestamp) return;
    }
    for (const auto& root : authority.roots) AddRoot(who, *root);
  }

  void AddRoot(const std::string& who, const signature::TrustedRoot& root) {
    if (!seen_.insert(&root).second) return;
    const std::string name = who + "trusted root " + Quote(root.name());
    for (const auto& note : root.notes()) list_.push_back(name + ": " + note);
    if (root.expires() && *root.expires() < now_) {
      list_.push_back(name + ": ended at " + ToRfc3339(*root.expires()) +
                      ": nothing that is signed after can be verified; give a newer one");
    }
  }

  const WallTime now_;
  std::vector<std::string> list_;
  std::set<const void*> seen_;
};

}  // namespace

std::vector<std::string> PolicyNotes(const policy::PolicySet& policies, WallTime now) {
  return Notes(policies, now).Take();
}

}  // namespace xzgate::cmd
