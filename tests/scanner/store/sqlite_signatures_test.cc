#include "scanner/store/sqlite_database.h"
#include "tests/scanner/store/store_case.h"
#include "tests/support/signature_reports.h"

namespace xzgate::store {
namespace {

using signature::Outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::xzgate::testing::SignatureReport;

class SignaturesTest : public StoreCase {
 protected:
  void Put(const oci::PinnedReference& image, const std::string& requirement, Outcome outcome) {
    ASSERT_THAT(store_->PutSignatures(image, requirement, SignatureReport(outcome, Now()), Now()),
                IsOk());
  }
  std::optional<signature::Report> Find(const oci::PinnedReference& image,
                                        const std::string& requirement = "f") {
    auto found = store_->FindSignatures(image, requirement);
    EXPECT_THAT(found, IsOk());
    return found ? *found : std::nullopt;
  }
  void Execute(const std::string& sql) {
    ASSERT_THAT((*Database::Open(Path()))->Execute(sql), IsOk());
  }
};

TEST_F(SignaturesTest, KeepsAReport) {
  Put(Image("a"), "f", Outcome::kVerified);
  const auto found = Find(Image("a"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->outcome(), Outcome::kVerified);
  EXPECT_THAT(found->vouched_by(), ElementsAre("release-key"));
  EXPECT_EQ(found->made(), Now());
  EXPECT_EQ(found->valid_until(), Now() + signature::Report::kVerifiedLife);
}

TEST_F(SignaturesTest, KeepsReportsOverARestart) {
  Put(Image("a"), "f", Outcome::kVerified);
  Open();
  EXPECT_TRUE(Find(Image("a")));
}

// Neither another digest, nor another repository, nor another requirement (a changed policy or
// trust root).
TEST_F(SignaturesTest, AReportIsForOneImageAndRequirement) {
  Put(Image("a"), "f", Outcome::kVerified);
  EXPECT_FALSE(Find(Image("b")));
  EXPECT_FALSE(Find(ImageAt("reg.example/b", "a")));
  EXPECT_FALSE(Find(ImageAt("other.example/a", "a")));
  EXPECT_FALSE(Find(Image("a"), "g"));
}

TEST_F(SignaturesTest, ANewerReportTakesThePlaceOfAnOlder) {
  Put(Image("a"), "f", Outcome::kUnsigned);
  clock_.Advance(std::chrono::seconds(5));
  Put(Image("a"), "f", Outcome::kVerified);
  EXPECT_EQ(Find(Image("a"))->outcome(), Outcome::kVerified);
  Put(Image("a"), "f", Outcome::kWronglySigned);
  EXPECT_EQ(Find(Image("a"))->outcome(), Outcome::kWronglySigned);
}

class NeverStored : public SignaturesTest,
                    public ::testing::WithParamInterface<signature::Report> {};

TEST_P(NeverStored, IsWhatIsNoFinding) {
  EXPECT_THAT(store_->PutSignatures(Image("a"), "f", GetParam(), Now()),
              ErrorIs(ErrorCode::kInternal));
  EXPECT_FALSE(Find(Image("a")));
}

INSTANTIATE_TEST_SUITE_P(
    All, NeverStored,
    ::testing::Values(signature::Report::NotRequired(),
                      signature::Report::Undecided(signature::Reason::kRegistry, "503", WallTime()),
                      signature::Report::Undecided(signature::Reason::kTrustRoot, "", WallTime())));

TEST_F(SignaturesTest, GivesAlsoWhatIsBelievedNoMore) {
  Put(Image("a"), "f", Outcome::kUnsigned);
  clock_.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(Find(Image("a")));
  EXPECT_FALSE(IsBelieved(*Find(Image("a")), Now()));
}

TEST_F(SignaturesTest, ARowOfAnotherKeyIsAMiss) {
  Put(Image("a"), "f", Outcome::kVerified);
  Execute("UPDATE signatures SET repository='reg.example/b'");
  EXPECT_FALSE(Find(ImageAt("reg.example/b", "a")));
  Put(Image("a"), "f", Outcome::kVerified);
  Execute("UPDATE signatures SET requirement='g'");
  EXPECT_FALSE(Find(Image("a"), "g"));
  EXPECT_THAT(logger_.Find("stored signature report is unreadable: the image is verified again"),
              SizeIs(2));
}

TEST_F(SignaturesTest, ADamagedRowIsAMiss) {
  for (const std::string text : {"", "{", "{}", "[]", R"({"image":1})"}) {
    Put(Image("a"), "f", Outcome::kVerified);
    Execute("UPDATE signatures SET report='" + text + "'");
    EXPECT_FALSE(Find(Image("a"))) << text;
  }
}

// Else the schedule would take it for a report, and nobody would make another.
TEST_F(SignaturesTest, ADamagedRowIsGoneOnceItWasMet) {
  Put(Image("a"), "f", Outcome::kVerified);
  Put(Image("a"), "g", Outcome::kVerified);
  Execute("UPDATE signatures SET report='{' WHERE requirement='f'");
  EXPECT_THAT(*store_->SignatureStates(Image("a")), SizeIs(2));
  EXPECT_FALSE(Find(Image("a"), "f"));
  const auto states = *store_->SignatureStates(Image("a"));
  ASSERT_THAT(states, SizeIs(1));
  EXPECT_EQ(states[0].requirement, "g");
  EXPECT_FALSE(Find(Image("a"), "f"));
  EXPECT_THAT(logger_.Find("stored signature report is unreadable: the image is verified again"),
              SizeIs(1));
}

TEST_F(SignaturesTest, TellsTheStateOfEachRequirement) {
  Put(Image("a"), "f", Outcome::kVerified);
  Put(Image("a"), "g", Outcome::kUnsigned);
  Put(ImageAt("reg.example/b", "a"), "h", Outcome::kUnsigned);
  const auto states = store_->SignatureStates(Image("a"));
  ASSERT_THAT(states, IsOk());
  ASSERT_THAT(*states, SizeIs(2));
  EXPECT_EQ((*states)[0].requirement, "f");
  EXPECT_EQ((*states)[0].outcome, Outcome::kVerified);
  EXPECT_EQ((*states)[1].outcome, Outcome::kUnsigned);
  EXPECT_EQ((*states)[1].made, Now());
  EXPECT_EQ((*states)[1].valid_until, Now() + signature::Report::kDenialLife);
}

TEST_F(SignaturesTest, OldReportsAreForgotten) {
  Put(Image("a"), "f", Outcome::kVerified);
  clock_.Advance(std::chrono::days(3) - std::chrono::milliseconds(1));
  EXPECT_EQ(*store_->Expire(Now() - std::chrono::days(90), Now()), 0U);
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(*store_->Expire(Now() - std::chrono::days(90), Now()), 1U);
  EXPECT_FALSE(Find(Image("a")));
}

TEST_F(SignaturesTest, KeepsAListing) {
  const signature::Listing listing{
      .manifests = {{.place = signature::Place::kSigTag, .manifest = DigestOf("sig"), .hint = "h"}},
      .beyond = {},
      .has_more = true};
  ASSERT_THAT(store_->PutListing(Image("a"), listing, Now()), IsOk());
  Open();
  const auto found = store_->FindListing(Image("a"));
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->manifests, listing.manifests);
  EXPECT_TRUE((*found)->has_more);
  EXPECT_FALSE(*store_->FindListing(Image("b")));
  EXPECT_FALSE(*store_->FindListing(ImageAt("reg.example/b", "a")));
}

TEST_F(SignaturesTest, AListingOfAnotherImageIsAMiss) {
  ASSERT_THAT(store_->PutListing(Image("a"), {}, Now()), IsOk());
  Execute("UPDATE listings SET repository='reg.example/b'");
  EXPECT_FALSE(*store_->FindListing(ImageAt("reg.example/b", "a")));
}

TEST_F(SignaturesTest, ListingsOfImagesThatWereNotSeenSinceAreForgotten) {
  for (const std::string name : {"unseen", "seen"})
    ASSERT_THAT(store_->PutListing(Image(name), {}, Now()), IsOk());
  clock_.Advance(std::chrono::days(91));
  GivenSighting("seen");
  EXPECT_EQ(*store_->Expire(Now() - std::chrono::days(90), Now()), 1U);
  EXPECT_TRUE(*store_->FindListing(Image("seen")));
  EXPECT_FALSE(*store_->FindListing(Image("unseen")));
}

TEST_F(SignaturesTest, ImagesSeenSinceAreToldNewestFirst) {
  GivenSighting("old");
  clock_.Advance(std::chrono::hours(25));
  GivenSighting("a", "pods/x/1");
  clock_.Advance(std::chrono::minutes(1));
  GivenSighting("b");
  clock_.Advance(std::chrono::minutes(1));
  GivenSighting("a", "pods/x/2");
  const auto seen = store_->ImagesSeenSince(Now() - std::chrono::hours(24), 10);
  ASSERT_THAT(seen, IsOk());
  ASSERT_THAT(*seen, SizeIs(2));
  EXPECT_EQ((*seen)[0].image, Image("a"));
  EXPECT_EQ((*seen)[0].last, Now());
  EXPECT_EQ((*seen)[1].image, Image("b"));
  EXPECT_THAT(*store_->ImagesSeenSince(Now() - std::chrono::hours(24), 1), SizeIs(1));
  EXPECT_THAT(*store_->ImagesSeenSince(Now() + std::chrono::milliseconds(1), 10), IsEmpty());
}

TEST_F(SignaturesTest, AJobTellsThatItsSignaturesFailed) {
  GivenJob("a");
  ASSERT_THAT(store_->Postpone(Leased()->id, "w",
                               {.not_before = Now() + std::chrono::minutes(1),
                                .why = "503",
                                .signature = signature::Reason::kRegistry}),
              IsOk());
  EXPECT_EQ((*Found("a"))->signature, signature::Reason::kRegistry);
  clock_.Advance(std::chrono::minutes(1));
  ASSERT_THAT(store_->Bury(Leased()->id, "w",
                           {.why = "404", .signature = signature::Reason::kTrustRoot}, Now()),
              IsOk());
  EXPECT_EQ((*Found("a"))->signature, signature::Reason::kTrustRoot);
  clock_.Advance(std::chrono::minutes(11));
  ASSERT_TRUE(*store_->Enqueue(Image("a"), Priority::kAdmission, Now()));
  EXPECT_EQ((*Found("a"))->signature, signature::Reason::kNone);
}

// A file of the first release.
TEST_F(SignaturesTest, AnOlderFileIsMigrated) {
  GivenJob("a");
  Execute(
      "DROP TABLE signatures; DROP TABLE listings; ALTER TABLE jobs DROP COLUMN signature; "
      "PRAGMA user_version=1");
  Open();
  EXPECT_TRUE(*Found("a"));
  Put(Image("a"), "f", Outcome::kVerified);
  EXPECT_TRUE(Find(Image("a")));
}

struct BeliefCase {
  std::string name;
  std::chrono::milliseconds made;  // all from now
  std::chrono::milliseconds valid_until;
  bool believed;
};

class Belief : public ::testing::TestWithParam<BeliefCase> {};

TEST_P(Belief, EndsInTime) {
  const WallTime now = std::chrono::sys_days(std::chrono::January / 1 / 2026);
  EXPECT_EQ(IsBelieved(now + GetParam().made, now + GetParam().valid_until, now),
            GetParam().believed);
}

constexpr std::chrono::milliseconds kOne{1};
constexpr std::chrono::milliseconds kDay{24 * 3600 * 1000};
constexpr std::chrono::milliseconds kZero{0};

INSTANTIATE_TEST_SUITE_P(
    All, Belief,
    ::testing::Values(BeliefCase{"Fresh", kZero, kDay, true},
                      BeliefCase{"BeforeItsEnd", -kDay / 2, kOne, true},
                      BeliefCase{"AtItsEnd", -kDay / 2, kZero, false},
                      BeliefCase{"LongLivedBeforeTheLimit", -kDay + kOne, 10 * kDay, true},
                      BeliefCase{"LongLivedAtTheLimit", -kDay, 10 * kDay, false},
                      BeliefCase{"OfAClockSlightlyAhead", kMaxClockSkew, kDay, true},
                      BeliefCase{"OfAClockThatWasSetBack", kMaxClockSkew + kOne, kDay, false}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace xzgate::store
