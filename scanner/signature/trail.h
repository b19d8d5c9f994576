#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/verifier.h"

namespace xzgate::signature {

// The steps of one attempt, as they are taken. Confined to one thread.
class Trail {
 public:
  // Notes a step that held; true.
  bool Hold(std::string name, std::string detail) {
    attempt_.steps.push_back({.name = std::move(name), .held = true, .detail = std::move(detail)});
    return true;
  }
  // Notes the step that ends the attempt; false.
  bool Fail(std::string name, Reason reason, std::string detail) {
    attempt_.steps.push_back({.name = std::move(name), .held = false, .detail = std::move(detail)});
    attempt_.reason = reason;
    return false;
  }
  // The same for an error; what this build cannot verify has a reason of its own.
  bool Fail(std::string name, Reason reason, const Error& error) {
    return Fail(std::move(name),
                error.code() == ErrorCode::kUnsupported ? Reason::kUnsupported : reason,
                error.message());
  }

  Attempt Take() && { return std::move(attempt_); }

 private:
  Attempt attempt_;
};

}  // namespace xzgate::signature
