#include "webhook/kube/watcher.h"

#include "base/json/reader.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_cluster.h"
#include "tests/support/fake_sleeper.h"
#include "tests/support/result_matchers.h"

namespace xzgate::kube {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FakeCluster;
using ::testing::IsEmpty;

json::Value Pod(const std::string& name, const std::string& ns = "shop") {
  return *json::Parse(
      R"({"kind":"Pod","metadata":{"name":")" + name + R"(","namespace":")" + ns + "\"}}", {},
      "test");
}

// Writes down what it is told.
class Diary final : public WatchHandler {
 public:
  void OnReset() override { lines.emplace_back("reset"); }
  void OnObject(const json::Value& object) override {
    lines.push_back("object " + NameOf(object).name);
  }
  void OnDeleted(const json::Value& object) override {
    lines.push_back("deleted " + NameOf(object).name);
  }
  void OnSynced() override { lines.emplace_back("synced"); }
  void OnTrouble(const Error& error, std::chrono::milliseconds wait) override {
    lines.push_back("trouble " + std::string(xzgate::ToString(error.code())));
    waits.push_back(wait);
  }
  std::vector<std::string> lines;
  std::vector<std::chrono::milliseconds> waits;
};

class WatcherTest : public ::testing::Test {
 protected:
  // Runs the steps one after the other, each when a stream has nothing more; then stops.
  void Run(std::vector<std::function<void()>> steps, Selection selection = {}) {
    Watcher watcher(cluster_, Pods(), std::move(selection), diary_, clock_, sleeper_,
                    [] { return 0.5; });
    std::size_t next = 0;
    cluster_.WhenIdle([&] {
      clock_.Advance(2s);
      if (next < steps.size()) {
        steps[next++]();
      } else {
        watcher.Stop();
      }
    });
    watcher.Run();
  }
  std::size_t CountCalls(const std::string& call) {
    const auto calls = cluster_.calls();
    return static_cast<std::size_t>(std::ranges::count(calls, call));
  }

  FakeCluster cluster_;
  testing::FakeClock clock_;
  testing::FakeSleeper sleeper_{clock_};
  Diary diary_;
};

TEST_F(WatcherTest, ListsAndThenFollows) {
  cluster_.Put(Pods(), Pod("a"));
  Run({[&] { cluster_.Put(Pods(), Pod("b")); },
       [&] { cluster_.Remove(Pods(), {.ns = "shop", .name = "a"}); }});
  EXPECT_THAT(diary_.lines, ElementsAre("reset", "object a", "synced", "object b", "deleted a"));
  EXPECT_EQ(CountCalls("list pods "), 1u);
}

TEST_F(WatcherTest, SeesWhatItSelectsOnly) {
  cluster_.Put(Pods(), Pod("a", "elsewhere"));
  Run({[&] { cluster_.Put(Pods(), Pod("b", "elsewhere")); },
       [&] { cluster_.Put(Pods(), Pod("c")); }},
      {.ns = "shop"});
  EXPECT_THAT(diary_.lines, ElementsAre("reset", "synced", "object c"));
}

TEST_F(WatcherTest, GoesOnWhereAStreamBrokeOff) {
  Run({[&] {
         cluster_.FailNext("next", Error(ErrorCode::kUnavailable, "cut"));
         cluster_.Put(Pods(), Pod("a"));
       },
       [&] { cluster_.Put(Pods(), Pod("b")); }});
  EXPECT_THAT(diary_.lines,
              ElementsAre("reset", "synced", "trouble unavailable", "object a", "object b"));
  EXPECT_EQ(CountCalls("list pods "), 1u);
}

TEST_F(WatcherTest, ListsAnewWhenItsPlaceIsForgotten) {
  cluster_.Put(Pods(), Pod("a"));
  Run({[&] {
    cluster_.Put(Pods(), Pod("b"));
    cluster_.Remove(Pods(), {.ns = "shop", .name = "a"});
    cluster_.Forget();
  }});
  EXPECT_THAT(diary_.lines, ElementsAre("reset", "object a", "synced", "trouble unavailable",
                                        "reset", "object b", "synced"));
}

TEST_F(WatcherTest, ListsAnewAfterALineThatCannotBeRead) {
  Run({[&] { cluster_.FailNext("next", Error(ErrorCode::kInvalidArgument, "no JSON")); }});
  EXPECT_THAT(diary_.lines,
              ElementsAre("reset", "synced", "trouble invalid_argument", "reset", "synced"));
}

TEST_F(WatcherTest, WaitsLongerAfterEachFailureAndLessAfterAChange) {
  cluster_.FailNext("list", Error(ErrorCode::kPermissionDenied, "no"), 9);
  Run({[&] { cluster_.Put(Pods(), Pod("a")); },
       [&] { cluster_.FailNext("next", Error(ErrorCode::kUnavailable, "cut")); }});
  EXPECT_THAT(diary_.waits, ElementsAre(250ms, 500ms, 1s, 2s, 4s, 8s, 15s, 15s, 15s, 250ms));
}

TEST_F(WatcherTest, DoesNotAskInALoopWhenStreamsEndAtOnce) {
  Watcher watcher(cluster_, Pods(), {}, diary_, clock_, sleeper_, [] { return 0.5; });
  int streams = 0;
  cluster_.WhenIdle([&] {
    if (++streams == 4) watcher.Stop();
  });
  watcher.Run();
  EXPECT_THAT(diary_.waits, ElementsAre(250ms, 500ms, 1s));
}

TEST_F(WatcherTest, StopsWhileItWaits) {
  cluster_.FailNext("list", Error(ErrorCode::kUnavailable, "down"), 100);
  Watcher watcher(cluster_, Pods(), {}, diary_, clock_, sleeper_, [] { return 0.99; });
  sleeper_.During([&] {
    if (sleeper_.slept().size() == 9) watcher.Stop();
  });
  watcher.Run();
  EXPECT_EQ(sleeper_.slept().size(), 9u);
  EXPECT_THAT(sleeper_.slept(), ::testing::Each(::testing::Le(1s)));
}

TEST_F(WatcherTest, StopsWithTheProgram) {
  cluster_.FailNext("list", Error(ErrorCode::kUnavailable, "down"), 100);
  sleeper_.Stop();
  Watcher watcher(cluster_, Pods(), {}, diary_, clock_, sleeper_, [] { return 0.5; });
  watcher.Run();
  EXPECT_EQ(sleeper_.slept().size(), 1u);
}

TEST_F(WatcherTest, StopsBeforeItBegan) {
  Watcher watcher(cluster_, Pods(), {}, diary_, clock_, sleeper_, [] { return 0.5; });
  watcher.Stop();
  watcher.Run();
  EXPECT_THAT(cluster_.calls(), IsEmpty());
}

}  // namespace
}  // namespace xzgate::kube
