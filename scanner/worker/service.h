#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "scanner/worker/image_scanner.h"
#include "scanner/worker/requirement_source.h"
#include "scanner/worker/scan_observer.h"

namespace xzgate::worker {

// A repository whose tags are scanned without being asked (opt-in).
struct WatchedRepository {
  oci::Repository repository;
  std::vector<std::string> tags;  // globs
};

struct ServiceOptions {
  // Images scanned at once, one more for what admission waits for; scans that take long stop
  // counting (scan_slots.h).
  int threads = 2;
  std::chrono::milliseconds lease{60'000};
  std::chrono::milliseconds poll{
      50};  // how often an idle thread looks for new work (a cheap counter read)
  std::chrono::milliseconds tag_refresh{
      600'000};  // how often watched tags and repositories are resolved again
  std::chrono::milliseconds retention =
      std::chrono::days(90);    // what nobody used for so long is forgotten
  std::size_t max_tags = 1000;  // of one repository
  int per_host = 2;             // the same for the images of one registry
  int max_attempts = 5;
  int max_crashes = 3;  // the third crash on one image parks it
  std::vector<WatchedRepository> repositories;
};

// The background scanner: takes jobs from the store's queue, scans, verifies signatures, and writes
// the answers; re-resolves watched tags, lists configured repositories, and forgets what is out of
// use. Several services may work on one store: each claims a name there. Owns its threads; Start
// once, Stop waits for the scans under way to be given back to the queue. Borrows everything else.
class Service {
 public:
  Service(ImageScanner& scanner, registry::ImageSource& source, store::Store& store,
          RequirementSource& requirements, const Clock& clock, log::Logger& logger,
          ScanObserver& observer, ServiceOptions options);
  ~Service();

  void Start();
  // Takes no more jobs and ends the scans under way, which go back to the queue as they came; does
  // not wait. Before registries are cut off, so that nobody takes that for a fault of theirs.
  void BeginStop();
  // BeginStop, and waits for the threads.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xzgate::worker
