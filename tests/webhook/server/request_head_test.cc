#include "webhook/server/request_head.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace xzgate::server {

void PrintTo(const FramingError& error, std::ostream* out) {
  *out << error.status << " " << error.reason;
}

namespace {

const std::vector<Route> kRoutes = {{"POST", "/validate"}, {"GET", "/healthz"}};

std::expected<RequestHead, FramingError> Parse(const std::string& head) {
  static const FramingLimits limits;
  return ParseHead(head, kRoutes, limits);
}

std::string Headers(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "X-A: b\r\n";
  return lines;
}

const std::string kPost = "POST /validate HTTP/1.1\r\nHost: a\r\n";
const std::string kGet = "GET /healthz HTTP/1.1\r\nHost: a\r\n";

struct AcceptCase {
  std::string name;
  std::string head;
  RequestHead want;  // without the route
};

class RequestHeadAccepts : public ::testing::TestWithParam<AcceptCase> {};

TEST_P(RequestHeadAccepts, WithWhatItSays) {
  const auto head = Parse(GetParam().head);
  ASSERT_TRUE(head.has_value()) << ::testing::PrintToString(head.error());
  EXPECT_EQ(head->query, GetParam().want.query);
  EXPECT_EQ(head->content_type, GetParam().want.content_type);
  EXPECT_EQ(head->content_length, GetParam().want.content_length);
  EXPECT_EQ(head->keep_alive, GetParam().want.keep_alive);
  EXPECT_EQ(head->expects_continue, GetParam().want.expects_continue);
  EXPECT_EQ(head->route->method, GetParam().head.substr(0, GetParam().head.find(' ')));
}

RequestHead Want(std::size_t length, bool keep_alive = true, bool expects = false) {
  RequestHead want;
  want.content_length = length;
  want.keep_alive = keep_alive;
  want.expects_continue = expects;
  return want;
}

RequestHead WantQuery(const std::string& query) {
  RequestHead want;
  want.query = query;
  return want;
}

RequestHead WantType(const std::string& type) {
  RequestHead want;
  want.content_type = type;
  return want;
}

const AcceptCase kAccepted[] = {
    {"PlainGet", kGet, Want(0)},
    {"GetWithEmptyBody", kGet + "Content-Length: 0\r\n", Want(0)},
    {"PlainPost", kPost + "Content-Length: 5\r\n", Want(5)},
    {"EmptyPost", kPost + "Content-Length: 0\r\n", Want(0)},
    {"LargestBody", kPost + "Content-Length: 7340032\r\n", Want(7340032)},
    {"LeadingZeros", kPost + "Content-Length: 0005\r\n", Want(5)},
    {"NameInAnyCase", kPost + "cOnTeNt-LeNgTh:5\r\n", Want(5)},
    {"ValueWithSpacesAround", kPost + "Content-Length: \t 5 \t\r\n", Want(5)},
    {"Query", "GET /healthz?timeout=10s&x=%2F HTTP/1.1\r\nHost: a\r\n",
     WantQuery("timeout=10s&x=%2F")},
    {"EmptyQuery", "GET /healthz? HTTP/1.1\r\nHost: a\r\n", WantQuery("")},
    {"ContentType", kGet + "Content-Type: application/json\r\n", WantType("application/json")},
    {"Close", kGet + "Connection: close\r\n", Want(0, false)},
    {"CloseInAList", kGet + "Connection: x , CLOSE\r\n", Want(0, false)},
    {"CloseAmongManyLines", kGet + "Connection: close\r\nConnection: keep-alive\r\n",
     Want(0, false)},
    {"KeepAlive", kGet + "Connection: keep-alive\r\n", Want(0)},
    {"Http10NeverKept", "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n", Want(0, false)},
    {"Continue", kPost + "Content-Length: 5\r\nExpect: 100-continue\r\n", Want(5, true, true)},
    {"ContinueWithoutBody", kPost + "Content-Length: 0\r\nExpect: 100-continue\r\n", Want(0)},
    {"ContinueOfHttp10Ignored",
     "POST /validate HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n", Want(5, false)},
    {"IdentityCoding", kPost + "Content-Length: 5\r\nContent-Encoding: identity\r\n", Want(5)},
    {"HighBytesInValue", kGet + "X-A: \xc3\xa4\r\n", Want(0)},
    {"EmptyValue", kGet + "X-A:\r\n", Want(0)},
    {"MostHeaders", kGet + Headers(99), Want(0)},
    {"UnknownHeaderTwice", kGet + "X-A: 1\r\nX-A: 2\r\n", Want(0)},
};
INSTANTIATE_TEST_SUITE_P(Table, RequestHeadAccepts, ::testing::ValuesIn(kAccepted),
                         [](const auto& tested) { return tested.param.name; });

struct RejectCase {
  std::string name;
  std::string head;
  int status;
};

class RequestHeadRejects : public ::testing::TestWithParam<RejectCase> {};

TEST_P(RequestHeadRejects, WithTheRightStatus) {
  const auto head = Parse(GetParam().head);
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().status, GetParam().status) << head.error().reason;
}

const RejectCase kRejected[] = {
    {"Nothing", "", 400},
    {"OnlyAMethod", "GET\r\n", 400},
    {"NoVersion", "GET /healthz\r\n", 400},
    {"TwoSpaces", "GET  /healthz HTTP/1.1\r\nHost: a\r\n", 400},
    {"SpaceInTarget", "GET /healthz /x HTTP/1.1\r\nHost: a\r\n", 400},
    {"TabInTarget", "GET /heal\tthz HTTP/1.1\r\nHost: a\r\n", 400},
    {"HighByteInTarget", "GET /healthz?\xff HTTP/1.1\r\nHost: a\r\n", 400},
    {"Fragment", "GET /healthz#x HTTP/1.1\r\nHost: a\r\n", 400},
    {"AbsoluteForm", "GET http://a/healthz HTTP/1.1\r\nHost: a\r\n", 400},
    {"AsteriskForm", "OPTIONS * HTTP/1.1\r\nHost: a\r\n", 400},
    {"OtherProtocol", "GET /healthz ICAP/1.0\r\nHost: a\r\n", 400},
    {"Http2", "PRI * HTTP/2.0\r\n", 505},
    {"Http12", "GET /healthz HTTP/1.2\r\nHost: a\r\n", 505},
    {"LowerCaseProtocol", "GET /healthz http/1.1\r\nHost: a\r\n", 400},
    {"UnknownPath", "GET /secret HTTP/1.1\r\nHost: a\r\n", 404},
    {"LongerPath", "GET /healthz/ HTTP/1.1\r\nHost: a\r\n", 404},
    {"EscapedPath", "GET /%68ealthz HTTP/1.1\r\nHost: a\r\n", 404},
    {"DotsInPath", "GET /x/../healthz HTTP/1.1\r\nHost: a\r\n", 404},
    {"OtherMethod", "DELETE /healthz HTTP/1.1\r\nHost: a\r\n", 405},
    {"LowerCaseMethod", "get /healthz HTTP/1.1\r\nHost: a\r\n", 405},
    {"MethodWithBadByte", "G\"T /healthz HTTP/1.1\r\nHost: a\r\n", 400},
    {"NoHost", "GET /healthz HTTP/1.1\r\n", 400},
    {"TwoHosts", kGet + "Host: a\r\n", 400},
    {"BareLf", "GET /healthz HTTP/1.1\nHost: a\r\n", 400},
    {"BareLfInHeader", kGet + "X-A: b\nX-B: c\r\n", 400},
    {"BareCrInValue", kGet + "X-A: b\rX-B: c\r\n", 400},
    {"NulInValue", kGet + std::string("X-A: b\0c\r\n", 10), 400},
    {"DeleteByteInValue", kGet + "X-A: b\x7f\r\n", 400},
    {"FoldedLine", kGet + "X-A: b\r\n c\r\n", 400},
    {"FoldedFirstLine", "GET /healthz HTTP/1.1\r\n Host: a\r\n", 400},
    {"NoColon", kGet + "X-A\r\n", 400},
    {"NoName", kGet + ": b\r\n", 400},
    {"SpaceBeforeColon", kGet + "X-A : b\r\n", 400},
    {"EmptyLineWithin", kGet + "\r\nX-A: b\r\n", 400},
    {"OneHeaderTooMany", kGet + Headers(100), 431},
    {"PostWithoutLength", kPost, 411},
    {"LengthTwice", kPost + "Content-Length: 5\r\nContent-Length: 5\r\n", 400},
    {"LengthList", kPost + "Content-Length: 5, 5\r\n", 400},
    {"NegativeLength", kPost + "Content-Length: -1\r\n", 400},
    {"SignedLength", kPost + "Content-Length: +5\r\n", 400},
    {"HexLength", kPost + "Content-Length: 0x5\r\n", 400},
    {"EmptyLength", kPost + "Content-Length:\r\n", 400},
    {"OneByteTooMany", kPost + "Content-Length: 7340033\r\n", 413},
    {"LengthOverflows", kPost + "Content-Length: 18446744073709551621\r\n", 413},
    {"Chunked", kPost + "Transfer-Encoding: chunked\r\n", 411},
    {"OtherTransferCoding", kPost + "Transfer-Encoding: gzip, chunked\r\n", 501},
    {"ChunkedWithLength", kPost + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
    {"ChunkedGet", kGet + "Transfer-Encoding: chunked\r\n", 411},
    {"CodedBody", kPost + "Content-Length: 5\r\nContent-Encoding: gzip\r\n", 415},
    {"GetWithBody", kGet + "Content-Length: 1\r\n", 400},
    {"TwoContentTypes", kPost + "Content-Length: 5\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n",
     400},
    {"OtherExpectation", kPost + "Content-Length: 5\r\nExpect: 200-ok\r\n", 417},
};
INSTANTIATE_TEST_SUITE_P(Table, RequestHeadRejects, ::testing::ValuesIn(kRejected),
                         [](const auto& tested) { return tested.param.name; });

TEST(ParseHead, TellsTheMethodThatThePathHas) {
  const auto head = Parse("GET /validate HTTP/1.1\r\nHost: a\r\n");
  ASSERT_FALSE(head.has_value());
  EXPECT_EQ(head.error().allow, "POST");
}

}  // namespace
}  // namespace xzgate::server
