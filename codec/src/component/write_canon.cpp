/// Canonical definitions with all their immediates.

#include "builtins.h"
#include "write.h"

namespace crossing::component {
namespace {

void write_options(ByteWriter& w, const CanonOptions& options) {
  const std::optional<std::uint32_t> indices[] = {
      options.memory, options.realloc, options.post_return, std::nullopt, options.callback};
  const bool has_encoding = options.string_encoding != StringEncoding::utf8;
  std::uint32_t count = (has_encoding ? 1U : 0U) + (options.is_async ? 1U : 0U);
  for (const auto& index : indices) count += index ? 1U : 0U;
  w.u32(count);
  if (has_encoding) w.byte(static_cast<std::uint8_t>(options.string_encoding));
  std::uint8_t code = 0x03;
  for (const auto& index : indices) {
    if (index) {
      w.byte(code);
      w.u32(*index);
    } else if (code == 0x06 && options.is_async) {
      w.byte(code);
    }
    ++code;
  }
}

void write_flag(ByteWriter& w, bool value) { w.byte(value ? 1 : 0); }

void write_immediates(ByteWriter& w, Immediate immediate, const CanonItem& canon) {
  switch (immediate) {
    case Immediate::nothing: break;
    case Immediate::resource: w.u32(canon.index); break;
    case Immediate::result_options:
      write_result_list(w, canon.result);
      write_options(w, canon.options);
      break;
    case Immediate::context:
      w.byte(canon.context64 ? 0x7e : 0x7f);
      w.u32(canon.index);
      break;
    case Immediate::element: w.u32(canon.index); break;
    case Immediate::element_options:
      w.u32(canon.index);
      write_options(w, canon.options);
      break;
    case Immediate::element_async: w.u32(canon.index); [[fallthrough]];
    case Immediate::async_flag: write_flag(w, canon.is_async); break;
    case Immediate::options: write_options(w, canon.options); break;
    case Immediate::cancel_memory:
      write_flag(w, canon.cancellable);
      w.u32(*canon.options.memory);
      break;
    case Immediate::cancel: write_flag(w, canon.cancellable); break;
    case Immediate::func_table:
      w.u32(canon.index);
      w.u32(canon.table);
      break;
    case Immediate::shared_func:
    case Immediate::shared_func_table:
      write_flag(w, canon.shared);
      w.u32(canon.index);
      if (immediate == Immediate::shared_func_table) w.u32(canon.table);
      break;
    case Immediate::shared_only: write_flag(w, canon.shared); break;
  }
}

}  // namespace

void write_canon(ByteWriter& w, const CanonItem& canon) {
  w.byte(canon.opcode);
  if (canon.opcode <= 0x01) {
    w.byte(0x00);
    w.u32(canon.index);
    write_options(w, canon.options);
    if (canon.opcode == 0x00) w.u32(canon.type);
  } else {
    write_immediates(w, find_builtin(canon.opcode)->immediate, canon);
  }
}

}  // namespace crossing::component
