// Pod templates get an early word, and their images are queued before their pods come.

#include <thread>

#include "tests/webhook/gate/gate_fixture.h"

namespace xzgate::gate {
namespace {

class GateTemplateTest : public GateFixture {
 protected:
  static admission::Request Deployment(const std::string& image) {
    admission::Request request = Pod({image});
    request.group = "apps";
    request.kind = "Deployment";
    request.resource = "deployments";
    request.is_template = true;
    return request;
  }
  std::string pinned() const { return "reg.example/api@" + digest_.ToString(); }
};

TEST_F(GateTemplateTest, WhatIsKnownIsSaidAtOnce) {
  GivenReport(rules::Verdict::kAffected);
  const admission::Response response = Decide(Deployment(pinned()), std::chrono::hours(1));
  EXPECT_FALSE(response.allowed);
  EXPECT_THAT(response.message, HasSubstr("XZ001"));
}

TEST_F(GateTemplateTest, AKnownImageBehindANewTagIsDenied) {
  GivenTag("reg.example/api:1");
  GivenReport(rules::Verdict::kAffected);
  EXPECT_FALSE(Decide(Deployment("reg.example/api:1"), std::chrono::hours(1)).allowed);
}

// Far sooner than a pod would be: an hour would be over the test's own limit.
TEST_F(GateTemplateTest, APendingScanIsQueuedAndNotWaitedForLong) {
  const admission::Response response = Decide(Deployment(pinned()), std::chrono::hours(1));
  EXPECT_TRUE(response.allowed);
  EXPECT_THAT(response.warnings, ::testing::ElementsAre(HasSubstr("[XZ010 pending]")));
  EXPECT_EQ(QueuedJobs(), 1U);
}

TEST_F(GateTemplateTest, TheCallersPatienceBoundsItToo) {
  EXPECT_TRUE(Decide(Deployment(pinned()), std::chrono::milliseconds(20)).allowed);
}

TEST_F(GateTemplateTest, ARegistryThatFailsWarns) {
  source_.FailWith(Error(ErrorCode::kUnauthenticated, "registry says 401"));
  const admission::Response response = Decide(Deployment("reg.example/api:1"));
  EXPECT_TRUE(response.allowed);
  EXPECT_THAT(response.warnings,
              ::testing::ElementsAre(HasSubstr("[RG002 unreachable]: registry says 401")));
}

TEST_F(GateTemplateTest, ADryRunLeavesNoTrace) {
  GivenTag("reg.example/api:1");
  admission::Request request = Deployment("reg.example/api:1");
  request.dry_run = true;
  EXPECT_TRUE(Decide(request, std::chrono::milliseconds(20)).allowed);
  gate_.reset();
  EXPECT_EQ(QueuedJobs(), 0U);
}

TEST_F(GateTemplateTest, AScaleDownAsksNobody) {
  GivenReport(rules::Verdict::kAffected);
  admission::Request request = Deployment("reg.example/api:1");
  request.operation = admission::Operation::kUpdate;
  request.is_scale_down = true;
  const admission::Response response = Decide(request);
  EXPECT_TRUE(response.allowed);
  EXPECT_TRUE(response.warnings.empty());
  EXPECT_EQ(source_.resolves(), 0);
}

TEST_F(GateTemplateTest, AnOverloadOnlyWarns) {
  CountingPermit none(false);
  const admission::Response response =
      gate_->Decide(Deployment(pinned()), clock_.Now(), std::chrono::hours(1), none);
  EXPECT_TRUE(response.allowed);
  EXPECT_THAT(response.warnings, ::testing::ElementsAre(HasSubstr("SY005")));
}

TEST_F(GateTemplateTest, SubresourcesNameNoImages) {
  GivenReport(rules::Verdict::kAffected);
  admission::Request request = Deployment(pinned());
  request.subresource = "status";
  EXPECT_TRUE(Decide(request).allowed);
}

}  // namespace
}  // namespace xzgate::gate
