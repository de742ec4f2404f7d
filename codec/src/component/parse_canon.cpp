/// Canonical definitions with all their immediates.

#include "builtins.h"
#include "parse.h"

namespace crossing::component {
namespace {

bool parse_flag(ParseContext& context, std::string_view what) {
  const std::uint64_t start = context.r.offset();
  const std::uint8_t value = context.r.byte(what);
  if (value > 1) context.r.unexpected(start, "0 or 1 as " + std::string(what), value);
  return value == 1;
}

CanonOptions parse_options(ParseContext& context) {
  Cursor& r = context.r;
  CanonOptions options;
  bool has_encoding = false;
  context.each("option count", [&] {
    const std::uint64_t start = r.offset();
    const std::uint8_t code = r.byte("canonical option");
    bool twice = false;
    const auto index = [&](std::optional<std::uint32_t>& option, std::string_view what) {
      twice = option.has_value();
      option = r.u32(what);
    };
    switch (code) {
      case 0x00:
      case 0x01:
      case 0x02:
        twice = has_encoding;
        has_encoding = true;
        options.string_encoding = static_cast<StringEncoding>(code);
        break;
      case 0x03: index(options.memory, "memory index"); break;
      case 0x04: index(options.realloc, "realloc function index"); break;
      case 0x05: index(options.post_return, "post-return function index"); break;
      case 0x06:
        twice = options.is_async;
        options.is_async = true;
        context.feature("async");
        break;
      case 0x07: index(options.callback, "callback function index"); break;
      default:
        r.fail_at(start, Verdict::unsupported, "canonical option " + hex(code) + " is not known");
    }
    if (twice)
      r.fail_at(start, Verdict::invalid, "expected each canonical option once, found one twice");
  });
  return options;
}

void parse_context_type(ParseContext& context, CanonItem& canon) {
  const std::uint64_t start = context.r.offset();
  const std::uint8_t type = context.r.byte("context slot type");
  if (type == 0x7e) {
    canon.context64 = true;
    context.feature("memory64");
  } else if (type != 0x7f) {
    context.r.unexpected(start, "i32 or i64 as a context slot's type", type);
  }
  canon.index = context.r.u32("context slot");
}

void parse_immediates(ParseContext& context, Immediate immediate, CanonItem& canon) {
  Cursor& r = context.r;
  switch (immediate) {
    case Immediate::nothing: break;
    case Immediate::resource: canon.index = r.u32("resource type index"); break;
    case Immediate::result_options:
      canon.result = parse_result_list(context);
      canon.options = parse_options(context);
      break;
    case Immediate::context: parse_context_type(context, canon); break;
    case Immediate::element: canon.index = r.u32("stream or future type index"); break;
    case Immediate::element_options:
      canon.index = r.u32("stream or future type index");
      canon.options = parse_options(context);
      break;
    case Immediate::element_async:
      canon.index = r.u32("stream or future type index");
      [[fallthrough]];
    case Immediate::async_flag: canon.is_async = parse_flag(context, "async"); break;
    case Immediate::options: canon.options = parse_options(context); break;
    case Immediate::cancel_memory:
      canon.cancellable = parse_flag(context, "cancellable");
      canon.options.memory = r.u32("memory index");
      break;
    case Immediate::cancel: canon.cancellable = parse_flag(context, "cancellable"); break;
    case Immediate::func_table:
      canon.index = r.u32("core type index");
      canon.table = r.u32("core table index");
      break;
    case Immediate::shared_func:
    case Immediate::shared_func_table:
      canon.shared = parse_flag(context, "shared");
      canon.index = r.u32("core type index");
      if (immediate == Immediate::shared_func_table) canon.table = r.u32("core table index");
      break;
    case Immediate::shared_only: canon.shared = parse_flag(context, "shared"); break;
  }
}

}  // namespace

Item parse_canon(ParseContext& context) {
  Cursor& r = context.r;
  Item item;
  item.offset = r.offset();
  CanonItem canon;
  canon.opcode = r.byte("canonical definition");
  if (!r.ok()) return item;
  if (canon.opcode <= 0x01) {
    r.literal(0x00, "func sort of a canonical definition");
    canon.index = r.u32("function index");
    canon.options = parse_options(context);
    if (canon.opcode == 0x00) {
      canon.type = r.u32("function type index");
      if (canon.options.is_async && !canon.options.callback) context.feature("stackful_lift");
    }
  } else if (const Builtin* builtin = find_builtin(canon.opcode)) {
    parse_immediates(context, builtin->immediate, canon);
    if (!builtin->feature.empty()) context.feature(builtin->feature);
  } else {
    r.fail_at(item.offset, Verdict::unsupported,
              "canonical definition " + hex(canon.opcode) + " is not known");
  }
  item.what = std::move(canon);
  return item;
}

}  // namespace crossing::component
