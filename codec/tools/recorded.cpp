#include "recorded.h"

#include <algorithm>
#include <variant>

#include "crossing/trace.h"
#include "input.h"

namespace crossing::tools {
namespace {

tl::unexpected<Error> invalid(std::string message, std::string_view rule) {
  return tl::unexpected(Error{.verdict = Verdict::invalid,
                              .message = std::move(message),
                              .offset = {},
                              .event = {},
                              .rule = rule});
}

class DigestSink final : public ByteSink {
 public:
  Result<void> write(Bytes bytes) override {
    hash_.update(bytes);
    return {};
  }
  Digest finish() { return hash_.finish(); }

 private:
  Sha256 hash_;
};

}  // namespace

Result<Component> recorded_component(ByteSource& trace) {
  auto reader = Reader::open(trace, {.bulk = false});
  if (!reader) return tl::unexpected(reader.error());
  for (;;) {
    auto item = reader->next();
    if (!item) return tl::unexpected(item.error());
    const auto& components = reader->definitions().components;
    if (!components.empty()) return components.front();
    if (std::holds_alternative<std::monostate>(*item)) {
      return invalid("expected a component among the definitions, found none", "COMP-01");
    }
  }
}

Result<TemporaryFile> extract_attachment(ByteSource& trace, std::uint32_t id) {
  auto reader = Reader::open(trace, {.bulk = false});
  if (!reader) return tl::unexpected(reader.error());
  auto file = TemporaryFile::create(".wasm");
  if (!file) return file;
  for (;;) {
    auto item = reader->next();
    if (!item) return tl::unexpected(item.error());
    if (std::holds_alternative<std::monostate>(*item)) {
      return invalid(
          "expected attachment " + std::to_string(id) + " with the component, found none",
          "COMP-02");
    }
    const auto* piece = std::get_if<AttachmentPiece>(&*item);
    if (piece == nullptr || piece->id != id) continue;
    if (auto written = file->sink().write(piece->bytes); !written) {
      return tl::unexpected(written.error());
    }
    if (piece->offset + piece->bytes.size() == piece->total_size) return file;
  }
}

Result<TemporaryFile> extract_component(ByteSource& trace, const Component& component) {
  auto file = extract_attachment(trace, component.attachment);
  if (!file) return file;
  const auto digest = file_digest(file->path());
  if (!digest) return tl::unexpected(digest.error());
  if (const auto differs = mismatch(component, *digest)) return invalid(*differs, "COMP-01");
  return file;
}

Result<Digest> file_digest(const std::string& path) {
  auto source = open_input(path);
  if (!source) return tl::unexpected(source.error());
  DigestSink sink;
  if (auto copied = copy(**source, sink); !copied) return tl::unexpected(copied.error());
  return sink.finish();
}

std::optional<std::string> mismatch(const Component& component, Bytes digest) {
  if (std::ranges::equal(component.digest, digest)) return std::nullopt;
  return "expected the recorded component, sha256 " + hex_text(component.digest) +
         ", found sha256 " + hex_text(digest);
}

}  // namespace crossing::tools
