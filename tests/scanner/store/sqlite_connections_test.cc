#include "scanner/store/sqlite_connections.h"

#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>

#include "scanner/store/file_lock.h"
#include "scanner/store/schema.h"
#include "tests/scanner/store/store_case.h"

namespace xzgate::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

using ConnectionsTest = StoreCase;

TEST_F(ConnectionsTest, ACorruptFileIsSetAsideAndSaid) {
  store_.reset();
  std::ofstream(Path(), std::ios::binary | std::ios::trunc) << std::string(8192, 'x');
  Open();
  EXPECT_TRUE(fs::exists(Path() + ".corrupt-1"));
  EXPECT_THAT(store_->Check(), IsOk());
  ASSERT_FALSE(logger_.lines().empty());
  EXPECT_THAT(logger_.lines().back().event, HasSubstr("corrupt"));
  EXPECT_EQ(logger_.lines().back().level, log::Level::kError);
}

TEST_F(ConnectionsTest, DamageFoundAtTheStartIsRepaired) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  {
    std::fstream file(Path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(0);
    file << std::string(4096, '\xff');
  }
  fs::remove(Path() + "-wal");
  Open();
  EXPECT_THAT(store_->PutReport(ReportOf("b", rules::Verdict::kClean), Now()), IsOk());
}

TEST_F(ConnectionsTest, AnExchangedFileIsNoticed) {
  auto other = *SqliteStore::Open(Path(), logger_);
  fs::rename(Path(), Path() + ".old");
  fs::remove(Path() + "-wal");
  fs::remove(Path() + "-shm");
  EXPECT_THAT(other->Check(), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(other->Check(), IsOk());
  EXPECT_TRUE(fs::exists(Path()));
}

TEST_F(ConnectionsTest, ANewerSchemaIsRefusedAndLeftAlone) {
  store_.reset();
  ASSERT_THAT((*Database::Open(Path()))
                  ->Execute("PRAGMA user_version=" + std::to_string(SchemaVersion() + 1)),
              IsOk());
  EXPECT_THAT(SqliteStore::Open(Path(), logger_), ErrorIs(ErrorCode::kUnsupported, "newer xzgate"));
  EXPECT_FALSE(fs::exists(Path() + ".corrupt-1"));
}

TEST(SqliteStoreOpen, AMissingFolderIsNamed) {
  FakeLogger logger;
  EXPECT_THAT(
      SqliteStore::Open("/nonexistent/folder/store.db", logger),
      ErrorIs(ErrorCode::kUnavailable,
              "\"/nonexistent/folder/store.db\": folder \"/nonexistent/folder\" does not exist"));
}

class RepairTest : public StoreCase {
 protected:
  void Damage() {
    for (const std::string& path : {Path(), Path() + "-wal"}) {
      const auto size = fs::file_size(path);
      std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(size, 'x');
    }
  }
  // Fills the table's first page with nonsense.
  void DamageTable(const std::string& name) {
    store_.reset();
    std::int64_t page = 0;
    {
      auto database = *Database::Open(Path());
      auto query = *database->Prepare("SELECT rootpage FROM sqlite_schema WHERE name=?");
      ASSERT_TRUE(*query.Bind(name).Step());
      page = query.Int(0);
    }
    std::fstream file(Path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp((page - 1) * kPageBytes);
    file << std::string(kPageBytes, '\xff');
  }
  static constexpr std::int64_t kPageBytes = 4096;
};

TEST_F(RepairTest, KeepsTheSightingsThatCanBeRead) {
  GivenSighting("a");
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  DamageTable("reports");
  Open();
  EXPECT_TRUE(fs::exists(Path() + ".corrupt-1"));
  EXPECT_FALSE(*store_->FindReport(DigestOf("a"), "R@1"));
  EXPECT_THAT(*store_->UnansweredImages("R@1", Now(), 10), ElementsAre(Image("a")));
}

// The answer comes at once, whatever another process does to the file, and not after it.
TEST_F(RepairTest, NobodyWaitsForAnotherProcessThatRepairs) {
  GivenSighting("a");
  Damage();
  {
    const auto repairing = FileLock::Take(Path() + ".lock", std::chrono::milliseconds(0));
    ASSERT_THAT(repairing, IsOk());
    EXPECT_THAT(store_->RecentSightings(1), ErrorIs(ErrorCode::kUnavailable, "another process"));
  }
  EXPECT_THAT(store_->RecentSightings(1), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(store_->RecentSightings(1), IsOk());
}

// No file may grow beyond so many bytes while alive: what a full disk does, for this process alone.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t max_bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now = {max_bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_ = {};
  sighandler_t handler_;
};

TEST_F(ConnectionsTest, AFullDiskFailsWritesOnlyAndOnlyWhileItIsFull) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  {
    const FileSizeLimit full(0);
    EXPECT_THAT(store_->PutReport(ReportOf("b", rules::Verdict::kClean), Now()),
                ErrorIs(ErrorCode::kUnavailable));
    EXPECT_TRUE(*store_->FindReport(DigestOf("a"), "R@1"));
    EXPECT_THAT(store_->Check(), IsOk());
    EXPECT_THAT(store_->WriteProblem(), HasSubstr("store"));
  }
  EXPECT_THAT(store_->PutReport(ReportOf("b", rules::Verdict::kClean), Now()), IsOk());
  EXPECT_FALSE(fs::exists(Path() + ".corrupt-1"));
  EXPECT_EQ(store_->WriteProblem(), "");
}

// While both are open: a reader that meets a journal cut short starts anew.
TEST_F(ConnectionsTest, ACutJournalIsRepaired) {
  ASSERT_THAT(store_->PutReport(ReportOf("a", rules::Verdict::kClean), Now()), IsOk());
  fs::resize_file(Path() + "-wal", 100);
  for (int i = 0; i < 3; ++i) (void)store_->FindReport(DigestOf("a"), "R@1");
  EXPECT_THAT(store_->Check(), IsOk());
  EXPECT_THAT(store_->PutReport(ReportOf("b", rules::Verdict::kClean), Now()), IsOk());
  EXPECT_TRUE(*store_->FindReport(DigestOf("b"), "R@1"));
}

TEST_F(ConnectionsTest, MissingTablesAreDamage) {
  ASSERT_THAT((*Database::Open(Path()))->Execute("DROP TABLE jobs"), IsOk());
  EXPECT_THAT(store_->Check(), ErrorIs(ErrorCode::kUnavailable));
  EXPECT_THAT(store_->Check(), IsOk());
  EXPECT_TRUE(fs::exists(Path() + ".corrupt-1"));
}

TEST_F(ConnectionsTest, AFileThatCannotGrowIsNoStore) {
  const FileSizeLimit full(0);
  EXPECT_THAT(SqliteStore::Open(folder_.path() + "/new.db", logger_),
              ErrorIs(ErrorCode::kUnavailable, "new.db"));
}

}  // namespace
}  // namespace xzgate::store
