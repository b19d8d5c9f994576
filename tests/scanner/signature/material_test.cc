#include "scanner/signature/material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xzgate::signature {
namespace {

// The example of DSSE's protocol.md.
TEST(PreAuthEncoding, IsThatOfTheSpecification) {
  EXPECT_EQ(PreAuthEncoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(PreAuthEncoding, CountsBytesAndTakesAny) {
  EXPECT_EQ(PreAuthEncoding("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(PreAuthEncoding("t", "\xC3\xA9"), "DSSEv1 1 t 2 \xC3\xA9");
  const std::string zeros("\0\0", 2);
  EXPECT_EQ(PreAuthEncoding("t", zeros), std::string("DSSEv1 1 t 2 ") + zeros);
}

// Whatever is moved from the type to the payload, the bytes are others.
TEST(PreAuthEncoding, DiffersWhereTypeAndPayloadDo) {
  EXPECT_NE(PreAuthEncoding("a", "b 1 c"), PreAuthEncoding("a 5 b", "c"));
  EXPECT_NE(PreAuthEncoding("a 1", "b"), PreAuthEncoding("a", "1 b"));
  EXPECT_NE(PreAuthEncoding("", "a"), PreAuthEncoding("a", ""));
}

TEST(Material, HasTheSignatureOfItsContent) {
  Material material;
  material.content = MessageSignature{.signature = "one", .digest = {}, .payload = {}};
  EXPECT_EQ(material.signature(), "one");
  material.content =
      Envelope{.payload_type = "t", .payload = "p", .signature = "two", .key_id = {}};
  EXPECT_EQ(material.signature(), "two");
}

TEST(Material, IsTimestampedOverItsSignatureOrTheWholeEnvelope) {
  Material material;
  material.content =
      Envelope{.payload_type = "t", .payload = "p", .signature = "two", .key_id = {}};
  EXPECT_EQ(material.timestamped(), "two");
  material.envelope_text = "{}";
  EXPECT_EQ(material.timestamped(), "{}");
}

TEST(Format, HasAWordEach) {
  EXPECT_EQ(ToString(Format::kSimpleSigning), "simple signing");
  EXPECT_EQ(ToString(Format::kLegacyAttestation), "legacy attestation");
  EXPECT_EQ(ToString(Format::kBundleV01), "bundle v0.1");
  EXPECT_EQ(ToString(Format::kBundleV02), "bundle v0.2");
  EXPECT_EQ(ToString(Format::kBundleV03), "bundle v0.3");
}

}  // namespace
}  // namespace xzgate::signature
