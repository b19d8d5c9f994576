// What must hold for every image, tried on many made-up ones.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/scanner/rules/image_builder.h"

namespace xzgate::rules {
namespace {

constexpr int kRounds = 300;

const std::vector<std::function<void(GivenLayer&)>>& Pieces() {
  static const std::string lib(kDebianLib);
  static const std::vector<std::function<void(GivenLayer&)>> pieces{
      [](GivenLayer& l) { l.Dpkg("liblzma5", "5.4.1-0.2"); },
      [](GivenLayer& l) { l.Dpkg("liblzma5", "5.6.1+really5.4.5-1"); },
      [](GivenLayer& l) { l.Dpkg("liblzma5", "5.6.1-1"); },
      [](GivenLayer& l) { l.Dpkg("xz-utils", "5.6.1-1", "arm64"); },
      [](GivenLayer& l) { l.Apk("xz-libs", "5.6.1-r3"); },
      [](GivenLayer& l) { l.ApkOwns("xz-libs", "usr/lib/liblzma.so.5.6.1"); },
      [](GivenLayer& l) { l.Liblzma("usr/lib/liblzma.so.5.6.1", k561); },
      [](GivenLayer& l) { l.Liblzma(lib + "liblzma.so.5.4.5", k545); },
      [](GivenLayer& l) { l.DpkgOwns("liblzma5", lib + "liblzma.so.5.4.5"); },
      [](GivenLayer& l) { l.Whiteout("var/lib/dpkg"); },
      [](GivenLayer& l) { l.Whiteout("usr/lib"); },
      [](GivenLayer& l) { l.Opaque("opt"); },
      [](GivenLayer& l) { l.Elf("usr/bin/app"); },
      [](GivenLayer& l) { l.Symlink("lib", "usr/lib"); },
      [](GivenLayer& l) { l.Os("alpine"); },
  };
  return pieces;
}

// A random image from a seed; the same seed gives the same image. `extend` may add to it.
GivenImage Random(unsigned seed, const std::function<void(GivenImage&)>& extend = nullptr) {
  std::mt19937 random(seed);
  GivenImage image;
  const unsigned layers = 1 + random() % 4;
  for (unsigned i = 0; i < layers; ++i) {
    GivenLayer layer;
    for (const auto& piece : Pieces()) {
      if (random() % 4 == 0) piece(layer);
    }
    image.With(layer);
  }
  if (extend) extend(image);
  return image;
}

// A clean database, fixed packages and benign files never outvote a bad file.
TEST(Property, ABadFileOnTopIsAlwaysAffected) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    const auto report = Random(seed, [](GivenImage& image) {
                          GivenLayer layer;
                          layer.Infected("srv/x.so");
                          image.With(layer);
                        }).Judge();
    ASSERT_EQ(report.verdict, Verdict::kAffected) << seed;
    ASSERT_EQ(report.evidence.front().id, "E1") << seed;
  }
}

TEST(Property, ACleanDatabaseNeverOutvotesABadFile) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    const auto report = Random(seed, [](GivenImage& image) {
                          GivenLayer bad;
                          bad.Infected("srv/x.so");
                          GivenLayer clean;
                          clean.Dpkg("liblzma5", "5.8.1-1")
                              .DpkgOwns("liblzma5", "srv/x.so")
                              .Apk("xz-libs", "5.6.1-r3")
                              .ApkOwns("xz-libs", "srv/x.so");
                          image.With(bad).With(clean);
                        }).Judge();
    ASSERT_EQ(report.verdict, Verdict::kAffected) << seed;
  }
}

// Benign copies of the same path in the same layer, before or after, hide nothing.
TEST(Property, ABenignDuplicateHidesNothing) {
  for (int before = 0; before < 3; ++before) {
    for (int after = 0; after < 3; ++after) {
      GivenLayer layer;
      for (int i = 0; i < before; ++i) layer.Liblzma("usr/lib/a.so", k545);
      layer.Infected("usr/lib/a.so");
      for (int i = 0; i < after; ++i) layer.Liblzma("usr/lib/a.so", k545);
      EXPECT_EQ(GivenImage().With(layer).Judge().verdict, Verdict::kAffected)
          << before << " before, " << after << " after";
    }
  }
}

TEST(Property, AnUnreadLayerNeverGivesCleanOrFixed) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    const auto report = Random(seed, [](GivenImage& image) { image.Unread("gone"); }).Judge();
    ASSERT_TRUE(IsWorse(report.verdict, Verdict::kFixedByDistro)) << seed;
  }
}

TEST(Property, ADamagedLayerNeverGivesCleanOrFixed) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    const auto report = Random(seed, [](GivenImage& image) {
                          GivenLayer layer;
                          layer.Incomplete("", "limit");
                          image.With(layer);
                        }).Judge();
    ASSERT_TRUE(IsWorse(report.verdict, Verdict::kFixedByDistro)) << seed;
  }
}

// Marking a layer damaged never makes a verdict better.
TEST(Property, DamageNeverHelps) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    const auto whole = Random(seed).Judge();
    const auto damaged = Random(seed, [](GivenImage& image) {
                           GivenLayer layer;
                           layer.Incomplete("", "limit");
                           image.With(layer);
                         }).Judge();
    ASSERT_FALSE(IsWorse(whole.verdict, damaged.verdict)) << seed;
  }
}

TEST(Property, TheSameFactsGiveTheSameReport) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    ASSERT_EQ(Random(seed).Judge(), Random(seed).Judge()) << seed;
  }
}

TEST(Property, EveryBadVerdictHasEvidenceAndADetail) {
  for (unsigned seed = 0; seed < kRounds; ++seed) {
    const auto report = Random(seed).Judge();
    EXPECT_NE(report.detail, "") << seed;
    if (report.verdict == Verdict::kClean) continue;
    EXPECT_FALSE(report.evidence.empty()) << seed;
  }
}

}  // namespace
}  // namespace xzgate::rules
