#include "scanner/store/sqlite_store.h"

#include "tests/scanner/store/store_case.h"

namespace xzgate::store {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

using SqliteStoreTest = StoreCase;

TEST_F(SqliteStoreTest, KeepsReportsByDigestAndRulesOverAReopening) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  Open();
  EXPECT_EQ((*store_->FindReport(DigestOf("a"), "R@1"))->verdict, rules::Verdict::kClean);
  EXPECT_FALSE(*store_->FindReport(DigestOf("a"), "R@2"));
  EXPECT_FALSE(*store_->FindReport(DigestOf("b"), "R@1"));
}

TEST_F(SqliteStoreTest, NeverKeepsAPendingReport) {
  EXPECT_THAT(
      store_->PutReport(
          rules::UnknownReport(DigestOf("a").ToString(), rules::Cause::kPending, "", "R@1"), Now()),
      ErrorIs(ErrorCode::kInternal));
}

// Wrong bytes from one host take nothing back that was read from another.
TEST_F(SqliteStoreTest, AnUnknownReplacesOnlyAnUnknown) {
  const auto verdict = [this] { return (*store_->FindReport(DigestOf("a"), "R@1"))->verdict; };
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kUnknown), Now()), IsOk());
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  EXPECT_EQ(verdict(), rules::Verdict::kClean);
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kUnknown), Now()), IsOk());
  EXPECT_EQ(verdict(), rules::Verdict::kClean);
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kAffected), Now()), IsOk());
  EXPECT_EQ(verdict(), rules::Verdict::kAffected);
}

TEST_F(SqliteStoreTest, CountsVerdictsOfTheRulesAskedFor) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  ASSERT_THAT(store_->PutReport(ReportOf("b", rules::Verdict::kClean), Now()), IsOk());
  ASSERT_THAT(store_->PutReport(ReportOf("c", rules::Verdict::kAffected), Now()), IsOk());
  ASSERT_THAT(store_->PutReport(ReportOf("d", rules::Verdict::kClean, "R@2"), Now()), IsOk());
  EXPECT_THAT(*store_->CountVerdicts("R@1"),
              ElementsAre(Pair(rules::Verdict::kAffected, 1U), Pair(rules::Verdict::kClean, 2U)));
}

TEST_F(SqliteStoreTest, KeepsFactsByLayerAndProbes) {
  facts::LayerFacts facts(DigestOf("layer"));
  facts.unpacked_bytes = 42;
  facts.entries.Finish();
  ASSERT_THAT(store_->PutLayer(facts, "p1", Now()), IsOk());
  const auto found = store_->FindLayer(DigestOf("layer"), "p1", Now());
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->unpacked_bytes, 42U);
  EXPECT_FALSE(*store_->FindLayer(DigestOf("layer"), "p2", Now()));
}

TEST_F(SqliteStoreTest, ADocumentThatDoesNotHaveItsDigestIsAMiss) {
  ASSERT_THAT(store_->PutDocument(DigestOf("bytes"), {"type", "bytes"}, Now()), IsOk());
  EXPECT_EQ((*store_->FindDocument(DigestOf("bytes"), Now()))->content_type, "type");
  ASSERT_THAT(store_->PutDocument(DigestOf("bytes"), {"type", "other"}, Now()), IsOk());
  EXPECT_FALSE(*store_->FindDocument(DigestOf("bytes"), Now()));
}

TEST_F(SqliteStoreTest, TagsEnd) {
  const auto tag = *oci::Reference::Parse("reg.example/a:1");
  ASSERT_THAT(store_->PutTag(tag, DigestOf("a"), Now() + std::chrono::seconds(60)), IsOk());
  EXPECT_EQ(**store_->FindTag(tag, Now() + std::chrono::milliseconds(59'999)), DigestOf("a"));
  EXPECT_FALSE(*store_->FindTag(tag, Now() + std::chrono::seconds(60)));
}

TEST_F(SqliteStoreTest, TheChangeCounterSeesOtherProcesses) {
  auto other = SqliteStore::Open(Path(), logger_);
  ASSERT_THAT(other, IsOk());
  const auto before = *store_->ChangeCounter();
  EXPECT_EQ(*store_->ChangeCounter(), before);
  ASSERT_THAT((*other)->Enqueue(Image("a"), Priority::kWatched, Now()), IsOk());
  EXPECT_NE(*store_->ChangeCounter(), before);
}

TEST(SqliteStoreOpen, TheChangeCounterSeesItsOwnWritesInMemory) {
  FakeLogger logger;
  const FakeClock clock;
  const auto store = *SqliteStore::OpenInMemory(logger);
  const auto before = *store->ChangeCounter();
  ASSERT_THAT(store->Enqueue(Image("a"), Priority::kWatched, clock.WallNow()), IsOk());
  EXPECT_NE(*store->ChangeCounter(), before);
}

}  // namespace
}  // namespace xzgate::store
