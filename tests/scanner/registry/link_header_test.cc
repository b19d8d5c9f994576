#include "scanner/registry/link_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace xzgate::registry {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;

struct AcceptCase {
  std::string name;
  std::string header;
  std::optional<std::string> want;
};

class LinkAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(LinkAccepts, AsTheTableSays) {
  const auto next = FindNextLink(GetParam().header);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(*next, GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LinkAccepts,
    ::testing::Values(
        AcceptCase{"Relative", R"(</v2/a/tags/list?n=1&last=b>; rel="next")",
                   "/v2/a/tags/list?n=1&last=b"},
        AcceptCase{"Token", "<x>;rel=next", "x"},
        AcceptCase{"UpperCase", R"(<x> ; REL="NEXT")", "x"},
        AcceptCase{"SeveralRelations", R"(<x>; rel="prev next")", "x"},
        AcceptCase{"SecondLink", R"(<a>; rel="prev"; title="x, y", <b>; rel="next")", "b"},
        AcceptCase{"OnlyFirstRelCounts", R"(<a>; rel="prev"; rel="next")", std::nullopt},
        AcceptCase{"ValuelessParameter", "<a>; crossorigin; rel=next", "a"},
        AcceptCase{"CommaInTarget", R"(<a,b>; rel="next")", "a,b"},
        AcceptCase{"NoRel", "<a>", std::nullopt},
        AcceptCase{"Prefix", R"(<a>; rel="nextest")", std::nullopt},
        AcceptCase{"Empty", "", std::nullopt}),
    [](const auto& param) { return param.param.name; });

TEST(FindNextLink, RejectsDamage) {
  for (const std::string header :
       {"x; rel=next", "<x", "<x>; rel=\"next", "<x>; rel=", "<x> rel=next"}) {
    EXPECT_THAT(FindNextLink(header), ErrorIs(ErrorCode::kInvalidArgument)) << header;
  }
  EXPECT_THAT(FindNextLink("<" + std::string(kMaxLinkBytes, 'x')),
              ErrorIs(ErrorCode::kResourceExhausted));
}

}  // namespace
}  // namespace xzgate::registry
