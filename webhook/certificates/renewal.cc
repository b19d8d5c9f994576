#include "webhook/certificates/renewal.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace xzgate::certificates {
namespace {

crypto::Validity From(WallTime now, std::chrono::seconds life) {
  return {now - kBackdating, now + life};
}

bool IsDue(const crypto::Certificate& certificate, WallTime now) {
  const auto life = certificate.not_after() - certificate.not_before();
  return certificate.not_after() - now < life / 3;
}

std::string EndOf(const crypto::Certificate& certificate) {
  return "ends at " + ToRfc3339(certificate.not_after());
}

// Why the newest authority may not sign; "" when it may.
std::string WhyNewAuthority(const Material& material, WallTime now) {
  const auto issuer = material.issuer();
  if (!issuer) return "there is no authority with its key";
  if (!issuer->certificate.IsValidAt(now) || IsDue(issuer->certificate, now)) {
    return "the authority " + EndOf(issuer->certificate);
  }
  return "";
}

// Why no client can trust the leaf; "" when all can.
std::string WhyUseless(const Material& material, const Wish& wish, WallTime now) {
  if (!material.leaf) return "there is no leaf with its key";
  const crypto::Certificate& leaf = material.leaf->certificate;
  if (!leaf.IsValidAt(now)) return "the leaf " + EndOf(leaf);
  for (const auto& name : wish.dns_names) {
    if (!crypto::AnswersTo(leaf, name)) return "the leaf does not name " + Quote(name);
  }
  const bool is_trusted = std::ranges::any_of(material.authorities, [&](const auto& authority) {
    return authority.IsValidAt(now) && crypto::IsIssuedBy(leaf, authority);
  });
  return is_trusted ? "" : "no authority vouches for the leaf";
}

// Why a leaf that serves well is changed all the same; "" when it is not.
std::string WhyAnother(const Material& material, WallTime now) {
  const crypto::Certificate& leaf = material.leaf->certificate;
  if (IsDue(leaf, now)) return "the leaf " + EndOf(leaf);
  if (!crypto::IsIssuedBy(leaf, material.authorities.front())) {
    return "there is a newer authority";
  }
  return "";
}

Result<void> AddAuthority(Material& material, const Wish& wish, WallTime now) {
  XZGATE_ASSIGN(crypto::PrivateKey key, crypto::PrivateKey::Generate());
  XZGATE_ASSIGN(
      crypto::Certificate certificate,
      crypto::IssueAuthority(key, "xzgate CA " + ToRfc3339(now), From(now, wish.authority_life)));
  material.authorities.insert(material.authorities.begin(), std::move(certificate));
  material.authority_key = std::move(key);
  while (material.authorities.size() > kMaxAuthorities) material.authorities.pop_back();
  return {};
}

Result<void> AddLeaf(Material& material, const Wish& wish, WallTime now) {
  XZGATE_ASSIGN(crypto::PrivateKey key, crypto::PrivateKey::Generate());
  XZGATE_ASSIGN(crypto::Certificate certificate,
                crypto::IssueServer(*material.issuer(), key.public_key(), wish.dns_names,
                                    From(now, wish.leaf_life)));
  material.leaf = Leaf{std::move(certificate), std::move(key)};
  return {};
}

// Those that vouch for nothing that a replica may still serve. True when there were any.
bool DropOldAuthorities(Material& material, WallTime now) {
  const crypto::Certificate newest = material.authorities.front();
  const crypto::Certificate& leaf = material.leaf->certificate;
  const bool is_settled = leaf.not_before() + kBackdating + kOverlap <= now;
  return std::erase_if(material.authorities, [&](const auto& authority) {
           if (authority == newest) return false;
           if (!authority.IsValidAt(now)) return true;
           return is_settled && !crypto::IsIssuedBy(leaf, authority);
         }) > 0;
}

}  // namespace

Result<std::optional<Renewed>> Renew(const Material& current, const Wish& wish, bool is_published,
                                     WallTime now) {
  Material material = current;
  std::string reason = WhyNewAuthority(material, now);
  if (!reason.empty()) {
    XZGATE_RETURN_IF_ERROR(AddAuthority(material, wish, now));
    is_published = false;
  }
  std::string leaf_reason = WhyUseless(material, wish, now);
  if (leaf_reason.empty() && is_published) leaf_reason = WhyAnother(material, now);
  if (!leaf_reason.empty()) {
    XZGATE_RETURN_IF_ERROR(AddLeaf(material, wish, now));
    reason += (reason.empty() ? "" : "; ") + leaf_reason;
  }
  if (DropOldAuthorities(material, now) && reason.empty()) {
    reason = "an authority that vouches for nothing any more is dropped";
  }
  if (reason.empty()) return std::optional<Renewed>();
  return Renewed{std::move(material), std::move(reason)};
}

}  // namespace xzgate::certificates
