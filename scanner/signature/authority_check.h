#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "scanner/signature/authority.h"
#include "scanner/signature/content_check.h"
#include "scanner/signature/evidence_check.h"
#include "scanner/signature/identity.h"
#include "scanner/signature/material.h"
#include "scanner/signature/trail.h"
#include "scanner/signature/trusted_root.h"

namespace xzgate::signature {

// What one attempt works on, which it borrows, and what it has proved so far. Confined to one
// thread.
struct Case {
  const Material& material;
  const Authority& authority;
  const Artifact& artifact;
  const TrustedRoot* root;  // null: the authority needs none
  WallTime now;
  Evidence evidence = {};
  Claims claims = {};
  std::optional<CertificateIdentity> identity = {};
  std::string key_fingerprint = {};
  std::optional<WallTime> until = {};
};

// Every step that an authority of this kind asks for, in order. False when the trail ended.
bool CheckAuthority(Case& it, const KeyAuthority& authority, Trail& trail);
bool CheckAuthority(Case& it, const CertificateAuthority& authority, Trail& trail);
bool CheckAuthority(Case& it, const KeylessAuthority& authority, Trail& trail);

}  // namespace xzgate::signature
