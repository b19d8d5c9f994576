#include "base/http/system_bundle.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "base/http/authority_file.h"

namespace xzgate::http {
namespace {

// What a look-up keeps; freed with its store.
struct Bundle {
  std::string path;
  std::once_flag read;
  std::vector<crypto::X509Ptr> certificates;  // written once, under `read`
};

Bundle& BundleOf(X509_LOOKUP* lookup) {
  return *static_cast<Bundle*>(X509_LOOKUP_get_method_data(lookup));
}

void FreeBundle(X509_LOOKUP* lookup) {
  delete static_cast<Bundle*>(X509_LOOKUP_get_method_data(lookup));
}

// OpenSSL asks after it found nothing in the store, and looks there once more for others of the
// same name: so all of them go into the store.
void Read(X509_LOOKUP* lookup) {
  Bundle& bundle = BundleOf(lookup);
  auto certificates = ReadAuthorities(bundle.path);
  if (!certificates) return;
  bundle.certificates = std::move(*certificates);
  for (const auto& certificate : bundle.certificates) {
    X509_STORE_add_cert(X509_LOOKUP_get_store(lookup), certificate.get());
  }
}

int FindBySubject(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* name,
                  X509_OBJECT* found) {
  if (type != X509_LU_X509) return 0;
  Bundle& bundle = BundleOf(lookup);
  std::call_once(bundle.read, Read, lookup);
  const auto at = std::ranges::find_if(bundle.certificates, [&](const auto& certificate) {
    return X509_NAME_cmp(X509_get_subject_name(certificate.get()), name) == 0;
  });
  if (at == bundle.certificates.end()) return 0;
  if (X509_OBJECT_set1_X509(found, at->get()) != 1) return 0;
  // `found` is to borrow, as OpenSSL's own look-ups have it: whoever asked takes a reference.
  X509_free(at->get());
  return 1;
}

// One for the process, as OpenSSL's own methods are.
X509_LOOKUP_METHOD* Method() {
  static X509_LOOKUP_METHOD* const method = [] {
    X509_LOOKUP_METHOD* const made = X509_LOOKUP_meth_new("authorities on demand");
    if (made != nullptr) {
      X509_LOOKUP_meth_set_free(made, FreeBundle);
      X509_LOOKUP_meth_set_get_by_subject(made, FindBySubject);
    }
    return made;
  }();
  return method;
}

}  // namespace

bool TrustOnDemand(X509_STORE* store, const std::string& path) {
  X509_LOOKUP_METHOD* const method = Method();
  X509_LOOKUP* const lookup = method == nullptr ? nullptr : X509_STORE_add_lookup(store, method);
  if (lookup == nullptr) return false;
  // A method is added once a store: a second call would find the first one's bundle.
  auto bundle = std::make_unique<Bundle>();
  bundle->path = path;
  return X509_LOOKUP_set_method_data(lookup, bundle.release()) == 1;
}

}  // namespace xzgate::http
