#include "scanner/layer/link_tree.h"

#include <utility>

namespace xzgate::layer {

namespace {

constexpr std::size_t kMaxPendingBytes = 2 * LinkTree::kMaxResolvedBytes;  // targets in targets
constexpr std::size_t kBytesPerStep = 64;  // so that long names count for the work they make

}  // namespace

std::string_view ParentOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

bool IsWithin(std::string_view path, std::string_view directory) {
  if (directory.empty()) return true;
  if (!path.starts_with(directory)) return false;
  return path.size() == directory.size() || path[directory.size()] == '/';
}

void LinkTree::Set(const std::string& path, std::string target) {
  EraseTree(path);
  if (cached_ && (!cached_->is_plain || IsWithin(cached_->path, path))) cached_.reset();
  current_.insert_or_assign(path, std::move(target));
  ++steps_;
}

void LinkTree::EraseTree(std::string_view path) {
  Erase(path);
  EraseUnder(lower_, path);
  EraseUnder(current_, path);
}

void LinkTree::Erase(std::string_view path) {
  EraseAt(lower_, path);
  EraseAt(current_, path);
}

void LinkTree::EraseLowerTree(std::string_view path) {
  EraseAt(lower_, path);
  EraseUnder(lower_, path);
}

void LinkTree::EraseLowerUnder(std::string_view directory) {
  EraseUnder(lower_, directory);
}

void LinkTree::EndLayer() {
  steps_ += current_.size();
  lower_.merge(current_);
}

const std::string* LinkTree::Find(std::string_view path) const {
  if (const auto found = current_.find(path); found != current_.end()) return &found->second;
  if (const auto found = lower_.find(path); found != lower_.end()) return &found->second;
  return nullptr;
}

bool LinkTree::HasOwn(std::string_view path) const {
  if (current_.contains(path)) return true;
  const auto below = current_.lower_bound(std::string(path) + '/');
  return below != current_.end() && IsWithin(below->first, path);
}

void LinkTree::EraseAt(Links& links, std::string_view path) {
  ++steps_;
  const auto found = links.find(path);
  if (found == links.end()) return;
  links.erase(found);
  if (cached_ && !cached_->is_plain) cached_.reset();
}

void LinkTree::EraseUnder(Links& links, std::string_view directory) {
  ++steps_;
  // Nearly always no link starts with this path, and then none lies below it.
  auto at = links.lower_bound(directory);
  if (at == links.end() || !at->first.starts_with(directory)) return;
  const std::string prefix = directory.empty() ? std::string() : std::string(directory) + '/';
  at = links.lower_bound(prefix);
  while (at != links.end() && at->first.starts_with(prefix)) {
    at = links.erase(at);
    ++steps_;
    if (cached_ && !cached_->is_plain) cached_.reset();
  }
}

std::optional<std::string> LinkTree::Walk(std::string_view path, bool& is_plain) {
  is_plain = true;
  int links = 0;
  std::string resolved;
  std::string pending(path);
  std::size_t at = 0;  // of the next component in `pending`
  while (at < pending.size()) {
    steps_ += 1 + resolved.size() / kBytesPerStep;
    const std::size_t slash = std::min(pending.find('/', at), pending.size());
    const std::string_view part = std::string_view(pending).substr(at, slash - at);
    at = slash + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      resolved.resize(ParentOf(resolved).size());
      continue;
    }
    const std::size_t parent_size = resolved.size();
    if (parent_size > 0) resolved += '/';
    resolved += part;
    if (resolved.size() > kMaxResolvedBytes) return std::nullopt;
    const std::string* target = Find(resolved);
    if (target == nullptr) continue;
    is_plain = false;
    if (++links > max_depth_) return std::nullopt;
    resolved.resize(target->starts_with('/') ? 0 : parent_size);
    pending = *target + '/' + (at < pending.size() ? pending.substr(at) : std::string());
    at = 0;
    if (pending.size() > kMaxPendingBytes) return std::nullopt;
    steps_ += pending.size() / kBytesPerStep;
  }
  return resolved;
}

std::optional<std::string> LinkTree::ResolveDirectory(std::string_view path) {
  if (path.empty()) return std::string();
  if (cached_ && cached_->path == path) {
    ++steps_;
    return cached_->resolved;
  }
  bool is_plain = false;
  auto resolved = Walk(path, is_plain);
  if (resolved) cached_ = Cached{std::string(path), *resolved, is_plain};
  return resolved;
}

std::optional<std::string> LinkTree::ResolveParents(std::string_view path) {
  const std::string_view parent = ParentOf(path);
  auto resolved = ResolveDirectory(parent);
  if (!resolved) return std::nullopt;
  const std::string_view base = path.substr(parent.empty() ? 0 : parent.size() + 1);
  if (!resolved->empty()) *resolved += '/';
  resolved->append(base);
  return resolved;
}

}  // namespace xzgate::layer
