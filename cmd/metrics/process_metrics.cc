#include "cmd/metrics/process_metrics.h"

#include <dirent.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace xzgate::cmd {
namespace {

double ResidentBytes() {
  std::ifstream in("/proc/self/statm");
  double total = 0;
  double resident = 0;
  in >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double OpenDescriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  double count = 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count - 3;  // ".", ".." and the folder itself
}

double CpuSeconds() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double MaxDescriptors() {
  struct rlimit limit = {};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

prometheus::Gauge& MakeGauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

struct ProcessMetrics::State {
  explicit State(prometheus::Registry& registry)
      : resident(
            MakeGauge(registry, "process_resident_memory_bytes", "Resident memory size in bytes.")),
        open_fds(MakeGauge(registry, "process_open_fds", "Number of open file descriptors.")),
        cpu(prometheus::BuildCounter()
                .Name("process_cpu_seconds_total")
                .Help("Total user and system CPU time spent in seconds.")
                .Register(registry)
                .Add({})) {}
  prometheus::Gauge& resident;
  prometheus::Gauge& open_fds;
  prometheus::Counter& cpu;
};

ProcessMetrics::ProcessMetrics(prometheus::Registry& registry, const Clock& clock,
                               const std::string& version)
    : state_(std::make_unique<State>(registry)) {
  MakeGauge(registry, "process_start_time_seconds",
            "Start time of the process since the Unix epoch in seconds.")
      .Set(std::chrono::duration<double>(clock.WallNow().time_since_epoch()).count());
  MakeGauge(registry, "process_max_fds", "Maximum number of open file descriptors.")
      .Set(MaxDescriptors());
  prometheus::BuildGauge()
      .Name("xzgate_build_info")
      .Help("The program that runs; always 1.")
      .Register(registry)
      .Add({{"version", version}})
      .Set(1);
}

ProcessMetrics::~ProcessMetrics() = default;

void ProcessMetrics::Refresh() {
  state_->resident.Set(ResidentBytes());
  state_->open_fds.Set(OpenDescriptors());
  state_->cpu.Increment(CpuSeconds() - state_->cpu.Value());
}

}  // namespace xzgate::cmd
