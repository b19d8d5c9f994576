// A client that puts xzgate's webhook under load and prints what it saw as JSON. One thread, epoll
// and OpenSSL; an open loop with due times, because a client that waits for its answer before it
// asks again hides those who wait.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "base/byte_source.h"
#include "tests/bench/clients.h"
#include "tests/bench/event_loop.h"
#include "tests/bench/latency.h"
#include "tests/bench/tls_client.h"

namespace xzgate::bench {
namespace {

constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;

struct Flags {
  std::uint16_t port = 0;
  std::string ca, body;
  double seconds = 5, warm_up = 1;
  KeptLoad kept;
  FreshLoad fresh;
  HeldLoad held;
  HostileLoad hostile;
};

void Describe(CLI::App& app, Flags& flags) {
  app.require_subcommand(1);
  app.add_option("--port", flags.port, "where the webhook listens on loopback")->required();
  app.add_option("--ca", flags.ca, "PEM file of who signed its certificate")->required();
  app.add_option("--body", flags.body, "file with the AdmissionReview to send")->required();
  CLI::App* const kept = app.add_subcommand("kept", "kept connections, each with due requests");
  kept->add_option("--connections", flags.kept.connections);
  kept->add_option("--rate", flags.kept.rate, "a second, of all together; 0: closed loop");
  kept->add_option("--warm-up", flags.warm_up);
  kept->add_option("--seconds", flags.seconds);
  CLI::App* const fresh = app.add_subcommand("fresh", "a new connection for each request");
  fresh->add_option("--rate", flags.fresh.rate);
  fresh->add_option("--seconds", flags.seconds);
  CLI::App* const held = app.add_subcommand("held", "idle and dripping connections");
  held->add_option("--idle", flags.held.idle);
  held->add_option("--dripping", flags.held.dripping);
  CLI::App* const hostile = app.add_subcommand("hostile", "bytes that no request has");
  hostile->add_option("--shape", flags.hostile.shape, HostileShapes())->required();
  hostile->add_option("--connections", flags.hostile.connections);
}

Result<std::string> Run(const CLI::App& app, Flags& flags) {
  XZGATE_ASSIGN(const std::string body, ReadFile(flags.body, kMaxBodyBytes));
  XZGATE_ASSIGN(const TlsContext tls, MakeTlsContext(flags.ca));
  XZGATE_ASSIGN(EventLoop loop, EventLoop::Create());
  const Target target{loop, *tls, flags.port};
  const std::string request = MakeRequest(body);
  flags.kept.warm_up = std::chrono::duration<double>(flags.warm_up);
  flags.kept.length = flags.fresh.length = std::chrono::duration<double>(flags.seconds);
  if (app.got_subcommand("kept")) return RunKept(target, request, flags.kept);
  if (app.got_subcommand("fresh")) return RunFresh(target, request, flags.fresh);
  if (app.got_subcommand("held")) return RunHeld(target, request, flags.held);
  return RunHostile(target, flags.hostile);
}

}  // namespace
}  // namespace xzgate::bench

int main(int argc, char** argv) {
  CLI::App app("puts xzgate's webhook under load");
  xzgate::bench::Flags flags;
  xzgate::bench::Describe(app, flags);
  CLI11_PARSE(app, argc, argv);
  const auto said = xzgate::bench::Run(app, flags);
  if (!said) {
    std::fprintf(stderr, "load_client: %s\n", said.error().message().c_str());
    return 1;
  }
  std::puts(said->c_str());
  return 0;
}
