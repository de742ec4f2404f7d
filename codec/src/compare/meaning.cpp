#include "compare/meaning.h"

#include <algorithm>

#include "frame/frame.h"

namespace crossing::comparing {
namespace {

constexpr std::size_t text_size = 512;
constexpr std::size_t shown_bytes = 32;
constexpr std::size_t pending_size = 65536;

}  // namespace

void Meaning::add(std::string_view text) {
  mix(text.data(), text.size());
  show(text);
}

void Meaning::add_bytes(Bytes bytes) {
  const std::string size = std::to_string(bytes.size());
  mix(size.data(), size.size());
  mix(bytes.data(), bytes.size());
  std::string text = size + (bytes.size() == 1 ? " byte" : " bytes");
  for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), shown_bytes))) {
    text += ' ';
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  show(bytes.size() > shown_bytes ? text + " …" : text);
}

void Meaning::finish() {
  fold();
  pending_.shrink_to_fit();
}

void Meaning::mix(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  size_ += size;
  while (size != 0) {
    const std::size_t part = std::min(size, pending_size - pending_.size());
    pending_.insert(pending_.end(), bytes, bytes + part);
    bytes += part;
    size -= part;
    if (pending_.size() == pending_size) fold();
  }
}

void Meaning::show(std::string_view text) {
  if (cut_) return;
  if (text_.size() + text.size() <= text_size) {
    text_ += text;
    return;
  }
  text_ += text.substr(0, text_size - text_.size());
  text_ += "…";
  cut_ = true;
}

/// A hash of parts, each seeded with that of the parts before.
void Meaning::fold() {
  if (pending_.empty()) return;
  hash_ = hash_bytes(pending_, hash_);
  pending_.clear();
}

}  // namespace crossing::comparing
