#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/text.h"
#include "scanner/signature/reason.h"
#include "scanner/signature/verifier.h"

namespace xzgate::signature {

// The steps of one attempt, as they are taken. Confined to one thread.
class Trail {
 public:
  // Of one step's detail: candidates are foreign, and reports are kept.
  static constexpr std::size_t kMaxDetailBytes = 1000;

  // Notes a step that held; true.
  bool Hold(std::string name, std::string_view detail) {
    Add(std::move(name), true, detail);
    return true;
  }
  // Notes the step that ends the attempt; false.
  bool Fail(std::string name, Reason reason, std::string_view detail) {
    Add(std::move(name), false, detail);
    attempt_.reason = reason;
    return false;
  }
  // The same for an error; what this build cannot verify has a reason of its own.
  bool Fail(std::string name, Reason reason, const Error& error) {
    return Fail(std::move(name),
                error.code() == ErrorCode::kUnsupported ? Reason::kUnsupported : reason,
                std::string_view(error.message()));
  }

  Attempt Take() && { return std::move(attempt_); }

 private:
  void Add(std::string name, bool held, std::string_view detail) {
    attempt_.steps.push_back(
        {.name = std::move(name), .held = held, .detail = Truncate(detail, kMaxDetailBytes)});
  }

  Attempt attempt_;
};

}  // namespace xzgate::signature
