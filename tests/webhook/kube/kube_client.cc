// webhook/kube by itself, for tests against a real API server: reads a command a line, a JSON array
// of words, from its input, and answers each by one line of JSON, {"ok": …} or {"code", "kind",
// "error"}. A watch answers by a line for each thing that it sees, until the next command.
//
//   kube_client kubeconfig FILE [CONTEXT]
//   kube_client in-cluster HOST PORT FOLDER

#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "base/http/curl_transport.h"
#include "base/json/reader.h"
#include "webhook/kube/api_client.h"
#include "webhook/kube/kubeconfig.h"
#include "webhook/kube/object.h"
#include "webhook/kube/secret.h"
#include "webhook/kube/watcher.h"

namespace xzgate::kube {
namespace {

using Words = std::vector<json::Value>;

void Say(const json::Value& value) {
  std::cout << json::Encode(value) << std::endl;
}

json::Value ToJson(const Error& error) {
  return json::Object{{"code", ToString(error.code())},
                      {"kind", static_cast<int>(error.kind())},
                      {"error", std::string_view(error.message())}};
}

json::Value ToJson(Result<json::Value> result) {
  if (!result) return ToJson(result.error());
  return json::Object{{"ok", std::move(*result)}};
}

class NameCollector final : public ListReader {
 public:
  Result<void> OnObject(json::Value object) override {
    names.emplace_back(std::string_view(NameOf(object).name));
    return {};
  }
  void OnRestart() override { names.clear(); }
  json::Array names;
};

class Speaker final : public WatchHandler {
 public:
  void OnReset() override { Say(json::Object{{"saw", "reset"}}); }
  void OnObject(const json::Value& object) override { Tell("object", object); }
  void OnDeleted(const json::Value& object) override { Tell("deleted", object); }
  void OnSynced() override { Say(json::Object{{"saw", "synced"}}); }
  void OnTrouble(const Error& error, std::chrono::milliseconds) override {
    Say(json::Object{{"saw", "trouble"}, {"error", std::string_view(error.message())}});
  }

 private:
  static void Tell(const char* what, const json::Value& object) {
    Say(json::Object{{"saw", what}, {"name", std::string_view(NameOf(object).name)}});
  }
};

// One client and what it is made of.
class Tool {
 public:
  Tool(const Access& access, std::unique_ptr<TokenSource> tokens)
      : tokens_(std::move(tokens)),
        transport_(*http::CurlTransport::Create(MakeCurlOptions(access, {}), clock_)),
        client_(*transport_, access.server, tokens_.get(), clock_, sleeper_, [] { return 0.5; }) {}

  json::Value Answer(const std::string& verb, const Words& words) {
    const auto text = [&](std::size_t i) {
      return i < words.size() && words[i].AsString() != nullptr ? *words[i].AsString() : "";
    };
    auto resource = ResourceOf(text(1));
    if (!resource) return ToJson(resource.error());
    const ObjectName name{.ns = text(2), .name = text(3)};
    const Deadline soon = Deadline::After(clock_.Now(), std::chrono::seconds(30));
    if (verb == "get") return ToJson(client_.Get(*resource, name, soon));
    if (verb == "create") return ToJson(client_.Create(*resource, words[2], soon));
    if (verb == "update") return ToJson(client_.Update(*resource, words[2], soon));
    if (verb == "apply") {
      const Force force = text(3) == "force" ? Force::kYes : Force::kNo;
      return ToJson(client_.Apply(*resource, words[2], force, soon));
    }
    if (verb == "patch") {  // patch RESOURCE NS NAME KEY WANTED VALUE: data.KEY, if it is WANTED
      JsonPatch patch;
      patch.Test({"data", text(4)}, words[5]);
      patch.Add({"data", text(4)}, words[6]);
      return ToJson(client_.Patch(*resource, name, patch, soon));
    }
    if (verb == "delete") {
      auto done = client_.Delete(*resource, name, text(4), soon);
      return done ? json::Value(json::Object{{"ok", true}}) : ToJson(done.error());
    }
    return List(*resource, name.ns, soon);
  }

  // How many bytes each entry of a Secret has.
  json::Value Secret(const std::string& ns, const std::string& name) {
    const auto secret = GetSecret(client_, {.ns = ns, .name = name},
                                  Deadline::After(clock_.Now(), std::chrono::seconds(30)));
    if (!secret) return ToJson(secret.error());
    json::Object sizes;
    for (const auto& [key, value] : secret->data) sizes.emplace_back(key, value.Reveal().size());
    return json::Object{{"ok", std::move(sizes)}};
  }

  // Until a line comes.
  void Watch(const std::string& resource, const std::string& ns) {
    Speaker speaker;
    Watcher watcher(client_, *ResourceOf(resource), {.ns = ns}, speaker, clock_, sleeper_,
                    [] { return 0.5; });
    std::thread runner([&watcher] { watcher.Run(); });
    std::string line;
    std::getline(std::cin, line);
    watcher.Stop();
    runner.join();
    Say(json::Object{{"saw", "end"}});
  }

 private:
  json::Value List(const Listable& resource, const std::string& ns, Deadline deadline) {
    NameCollector names;
    auto end = client_.List(resource, {.ns = ns}, names, deadline);
    if (!end) return ToJson(end.error());
    return json::Object{{"ok", std::move(names.names)}};
  }

  // "group/version/plural", or a plural of the core group.
  static Result<Listable> ResourceOf(const std::string& text) {
    const auto last = text.rfind('/');
    const auto first = text.find('/');
    if (last == std::string::npos) {
      return Listable::Create("", "v1", text, Resource::Scope::kNamespaced);
    }
    return Listable::Create(text.substr(0, first), text.substr(first + 1, last - first - 1),
                            text.substr(last + 1), Resource::Scope::kNamespaced);
  }

  SystemClock clock_;
  http::ThreadSleeper sleeper_;
  std::unique_ptr<TokenSource> tokens_;
  std::unique_ptr<http::CurlTransport> transport_;
  ApiClient client_;
};

Result<Access> ReadAccess(const std::vector<std::string>& words) {
  if (words.size() >= 2 && words[0] == "kubeconfig") {
    return ReadKubeconfig(words[1], words.size() > 2 ? words[2] : "");
  }
  if (words.size() == 4 && words[0] == "in-cluster") {
    return InClusterAccess({.host = words[1], .port = words[2]}, words[3]);
  }
  return InvalidArgument("usage: kube_client kubeconfig FILE | in-cluster HOST PORT FOLDER");
}

int Serve(const std::vector<std::string>& arguments) {
  const SystemClock clock;
  auto access = ReadAccess(arguments);
  if (!access) {
    Say(ToJson(access.error()));
    return 1;
  }
  auto tokens = MakeTokenSource(*access, clock);
  if (!tokens) {
    Say(ToJson(tokens.error()));
    return 1;
  }
  Tool tool(*access, std::move(*tokens));
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto command = json::Parse(line, {}, "command");
    if (!command || command->AsArray() == nullptr || command->AsArray()->empty()) return 2;
    const Words& words = *command->AsArray();
    const std::string verb = *words[0].AsString();
    if (verb == "watch") {
      tool.Watch(*words[1].AsString(), *words[2].AsString());
    } else if (verb == "secret") {
      Say(tool.Secret(*words[1].AsString(), *words[2].AsString()));
    } else {
      Say(tool.Answer(verb, words));
    }
  }
  return 0;
}

}  // namespace
}  // namespace xzgate::kube

int main(int argc, char** argv) {
  return xzgate::kube::Serve(std::vector<std::string>(argv + 1, argv + argc));
}
