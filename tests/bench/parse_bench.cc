// Prints the CPU time of one pass of a SAX parser that does nothing over a document: the yardstick
// of what a request costs the server.

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/byte_source.h"

namespace {

constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;
constexpr int kPasses = 5000;

using Json = nlohmann::json;

// Takes every event and keeps none.
struct Nothing final : nlohmann::json_sax<Json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }
};

double CpuMicroseconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

}  // namespace

int main(int argc, char** argv) {
  const auto text = xzgate::ReadFile(argc == 2 ? argv[1] : "", kMaxBytes);
  if (!text) {
    std::fprintf(stderr, "usage: parse_bench FILE: %s\n", text.error().message().c_str());
    return 2;
  }
  bool is_json = true;
  const double start = CpuMicroseconds();
  for (int pass = 0; pass < kPasses; ++pass) {
    Nothing nothing;
    is_json = Json::sax_parse(*text, &nothing) && is_json;
  }
  const double took = CpuMicroseconds() - start;
  if (!is_json) {
    std::fputs("parse_bench: no JSON\n", stderr);
    return 1;
  }
  fmt::print(R"({{"cpu_us":{:.3f},"bytes":{}}})"
             "\n",
             took / kPasses, text->size());
  return 0;
}
