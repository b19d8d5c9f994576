// CheckInclusion of note.h.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "scanner/signature/note.h"
#include "tests/support/result_matchers.h"
#include "tests/support/signing/test_note.h"

namespace xzgate::signature {
namespace {

using ::xzgate::testing::ErrorIs;
using ::xzgate::testing::IsOk;
using ::xzgate::testing::TestTree;

std::vector<std::string> Then(std::vector<std::string> hashes, std::string last) {
  hashes.push_back(std::move(last));
  return hashes;
}

// Sizes up to nine have every shape of a right edge.
class InclusionTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < GetParam(); ++i) tree_.Add(TestTree::Filler(i));
  }
  Result<void> Check(std::size_t leaf, std::uint64_t index,
                     const std::vector<std::string>& hashes) const {
    return CheckInclusion(TestTree::Filler(leaf), index, tree_.size(), hashes, tree_.Root());
  }
  TestTree tree_;
};

TEST_P(InclusionTest, HoldsForEveryLeafAtItsIndexAlone) {
  for (std::size_t leaf = 0; leaf < tree_.size(); ++leaf) {
    const auto proof = tree_.Proof(leaf);
    for (std::uint64_t index = 0; index <= tree_.size() + 1; ++index) {
      EXPECT_EQ(Check(leaf, index, proof).has_value(), index == leaf) << leaf << " at " << index;
    }
    EXPECT_THAT(Check(leaf, UINT64_MAX, proof), ErrorIs(ErrorCode::kIntegrity));
    EXPECT_THAT(Check(leaf + 1, leaf, proof), ErrorIs(ErrorCode::kIntegrity)) << "another leaf";
  }
}

TEST_P(InclusionTest, FailsForEveryProofWithOneThingWrong) {
  for (std::size_t leaf = 0; leaf < tree_.size(); ++leaf) {
    const std::vector<std::string> proof = tree_.Proof(leaf);
    const auto fails = [&](std::vector<std::string> wrong) {
      EXPECT_THAT(Check(leaf, leaf, wrong), ErrorIs(ErrorCode::kIntegrity)) << leaf;
    };
    fails(Then(proof, std::string(32, '\0')));
    fails(Then(proof, proof.empty() ? std::string(32, 'x') : proof.back()));
    for (std::size_t i = 0; i < proof.size(); ++i) {
      std::vector<std::string> wrong = proof;
      wrong[i][31] = static_cast<char>(wrong[i][31] ^ 1);
      fails(wrong);
      wrong = proof;
      wrong[i].pop_back();
      fails(wrong);
      wrong = proof;
      wrong[i].push_back('\0');
      fails(wrong);
      wrong = proof;
      wrong.erase(wrong.begin() + static_cast<std::ptrdiff_t>(i));
      fails(wrong);
      wrong = proof;
      wrong.insert(wrong.begin() + static_cast<std::ptrdiff_t>(i), wrong[i]);
      fails(wrong);
      if (i + 1 < proof.size()) {
        wrong = proof;
        std::swap(wrong[i], wrong[i + 1]);
        fails(wrong);
      }
    }
  }
}

TEST_P(InclusionTest, FailsForAnotherRoot) {
  std::string root = tree_.Root();
  root[0] = static_cast<char>(root[0] ^ 0x80);
  EXPECT_THAT(CheckInclusion(TestTree::Filler(0), 0, tree_.size(), tree_.Proof(0), root),
              ErrorIs(ErrorCode::kIntegrity));
  EXPECT_THAT(CheckInclusion(TestTree::Filler(0), 0, tree_.size(), tree_.Proof(0), ""),
              ErrorIs(ErrorCode::kIntegrity));
}

INSTANTIATE_TEST_SUITE_P(Sizes, InclusionTest, ::testing::Range<std::size_t>(1, 10));

// The first byte of what is hashed keeps them apart.
TEST(InclusionTest, DoesNotTakeANodeForALeaf) {
  TestTree tree;
  tree.Add("left");
  tree.Add("right");
  const std::string node = tree.Proof(1)[0] + tree.Proof(0)[0];
  EXPECT_THAT(CheckInclusion(node, 0, 1, {}, tree.Root()), ErrorIs(ErrorCode::kIntegrity));
}

TEST(InclusionTest, NothingIsInAnEmptyTree) {
  EXPECT_THAT(CheckInclusion("leaf", 0, 0, {}, TestTree().Root()),
              ErrorIs(ErrorCode::kIntegrity, "beyond the tree"));
}

TEST(InclusionTest, EndsForTheLargestTree) {
  const std::vector<std::string> hashes(64, std::string(32, 'h'));
  EXPECT_THAT(CheckInclusion("leaf", 1, UINT64_MAX, hashes, std::string(32, 'r')),
              ErrorIs(ErrorCode::kIntegrity, "another root"));
  EXPECT_THAT(CheckInclusion("leaf", 1, UINT64_MAX, Then(hashes, hashes[0]), ""),
              ErrorIs(ErrorCode::kIntegrity, "too many"));
  EXPECT_THAT(CheckInclusion("leaf", 1, std::uint64_t{1} << 63, {}, ""),
              ErrorIs(ErrorCode::kIntegrity, "too few"));
}

}  // namespace
}  // namespace xzgate::signature
