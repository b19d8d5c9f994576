#pragma once

#include <map>
#include <mutex>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/log/logger.h"

namespace xzgate::testing {

// Keeps what was logged, for a test to look at. Thread-safe.
class FakeLogger final : public log::Logger {
 public:
  // A line as it was written; values as text ("true", "42", "0.500000").
  struct Line {
    log::Level level;
    std::string event;
    std::map<std::string, std::string> fields;
  };

  bool IsEnabled(log::Level) const override { return true; }

  void Write(log::Level level, std::string_view event,
             std::initializer_list<log::Field> fields) override {
    Line line{level, std::string(event), {}};
    for (const log::Field& field : fields) line.fields[std::string(field.key)] = Text(field);
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }

  std::vector<Line> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

  // The lines with this event, in order.
  std::vector<Line> Find(std::string_view event) const {
    std::vector<Line> found;
    for (Line& line : lines()) {
      if (line.event == event) found.push_back(std::move(line));
    }
    return found;
  }

 private:
  static std::string Text(const log::Field& field) {
    return std::visit(
        [](const auto& value) -> std::string {
          using T = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<T, bool>) {
            return value ? "true" : "false";
          } else if constexpr (std::is_arithmetic_v<T>) {
            return std::to_string(value);
          } else {
            return std::string(value);
          }
        },
        field.value);
  }

  mutable std::mutex mutex_;
  std::vector<Line> lines_;
};

}  // namespace xzgate::testing
