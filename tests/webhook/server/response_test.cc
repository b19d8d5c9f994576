#include "webhook/server/response.h"

#include <gtest/gtest.h>

namespace xzgate::server {
namespace {

TEST(EncodeResponse, WritesOneWholeAnswer) {
  EXPECT_EQ(EncodeResponse({.status = 200, .content_type = "text/plain", .body = "yes"}, false),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: keep-alive\r\n\r\nyes");
}

// CVE-2026-21428 and its like: a value with a line end would write a header of its own.
TEST(EncodeResponse, LeavesOutAContentTypeWithControlBytes) {
  const std::string bytes =
      EncodeResponse({.status = 200, .content_type = "a/b\r\nX-Evil: 1", .body = ""}, true);
  EXPECT_EQ(bytes.find("X-Evil"), std::string::npos);
}

TEST(EncodeRefusal, NamesTheMethodThatIsAllowed) {
  const std::string bytes =
      EncodeRefusal({.status = 405, .reason = "method not allowed", .allow = "POST"});
  EXPECT_NE(bytes.find("Allow: POST\r\n"), std::string::npos);
  EXPECT_NE(bytes.find("Connection: close\r\n"), std::string::npos);
}

}  // namespace
}  // namespace xzgate::server
