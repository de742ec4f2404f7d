#include "dump/body_text.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "text/json_text.h"
#include "text/printable.h"

namespace crossing::text {

bool append_flagged(std::string& out, const EventView& event) {
  if ((event.flags & flag_omitted) != 0) {
    out += "omitted";
  } else if ((event.flags & (flag_redacted | flag_hashed)) != 0) {
    fmt::format_to(std::back_inserter(out), "{} {} bytes, hash {:016x}",
                   (event.flags & flag_redacted) != 0 ? "redacted:" : "hashed:",
                   number_at<std::uint64_t>(event.body, 0),
                   number_at<std::uint64_t>(event.body, 8));
  } else {
    return false;
  }
  return true;
}

void BodyText::begin(std::string& out, const EventView& event, Bytes body, std::uint64_t skipped) {
  const std::uint64_t size = event.body_size - skipped;
  if ((event.flags & (flag_omitted | flag_redacted | flag_hashed)) != 0) {
    out += ", ";
    append_flagged(out, event);
    return;
  }
  fmt::format_to(std::back_inserter(out), ", {} byte{}", size, size == 1 ? "" : "s");
  if (size == 0) return;
  out += ": ";
  out += color_.faint;
  if (!full_) {
    append_preview(out, body, size);
  } else {
    form_ = looks_like_text(body) ? Form::text : Form::hex;
    if (form_ == Form::text) out += '"';
    append(out, body);
    if (!event.last) return;
    close(out);
  }
  out += color_.reset;
}

void BodyText::go_on(std::string& out, const EventView& piece) {
  if (!is_open()) return;
  append(out, piece.body);
  if (!piece.last) return;
  close(out);
  out += color_.reset;
  out += '\n';
}

void BodyText::cut(std::string& out) {
  if (!is_open()) return;
  close(out);
  out += "…";
  out += color_.reset;
  out += '\n';
}

void BodyText::append(std::string& out, Bytes body) const {
  if (form_ == Form::hex) {
    append_hex(out, body);
  } else {
    append_printable(out, {reinterpret_cast<const char*>(body.data()), body.size()}, body.size(),
                     true);
  }
}

void BodyText::close(std::string& out) {
  if (std::exchange(form_, Form::none) == Form::text) out += '"';
}

}  // namespace crossing::text
