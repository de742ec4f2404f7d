#include "instrument/core_emit.h"

namespace crossing::instrument {
namespace {

std::uint8_t type_code(CoreType type) {
  switch (type) {
    case CoreType::i32: return 0x7f;
    case CoreType::i64: return 0x7e;
    case CoreType::f32: return 0x7d;
    case CoreType::f64: return 0x7c;
    case CoreType::v128: return 0x7b;
    case CoreType::funcref: return 0x70;
    case CoreType::externref: break;
  }
  return 0x6f;
}

}  // namespace

std::uint32_t width(CoreType type) {
  switch (type) {
    case CoreType::i64:
    case CoreType::f64: return 8;
    case CoreType::v128: return 16;
    default: return 4;
  }
}

std::uint32_t Code::local(CoreType type) {
  locals_.push_back(type);
  return static_cast<std::uint32_t>(signature_.params.size() + locals_.size() - 1);
}

Code& Code::i32(std::uint32_t value) {
  code_.byte(0x41);
  code_.s64(static_cast<std::int32_t>(value));
  return *this;
}

Code& Code::i64(std::uint64_t value) {
  code_.byte(0x42);
  code_.s64(static_cast<std::int64_t>(value));
  return *this;
}

Code& Code::call_indirect(std::uint32_t type) {
  code_.byte(0x11);
  code_.u32(type);
  code_.u32(0);
  return *this;
}

Code& Code::op(Op op) {
  code_.byte(static_cast<std::uint8_t>(op));
  return *this;
}

Code& Code::store(CoreType type, std::uint32_t offset) {
  switch (type) {
    case CoreType::i64: return access(0x37, offset);
    case CoreType::f32: return access(0x38, offset);
    case CoreType::f64: return access(0x39, offset);
    default: return access(0x36, offset);
  }
}

Code& Code::memory_size() { return indexed(0x3f, 0); }

Code& Code::memory_grow() { return indexed(0x40, 0); }

Code& Code::memory_copy(std::uint32_t to, std::uint32_t from) {
  code_.byte(0xfc);
  code_.u32(0x0a);
  code_.u32(to);
  code_.u32(from);
  return *this;
}

Code& Code::else_() {
  code_.byte(0x05);
  return *this;
}

Code& Code::indexed(std::uint8_t opcode, std::uint32_t index) {
  code_.byte(opcode);
  code_.u32(index);
  return *this;
}

Code& Code::access(std::uint8_t opcode, std::uint32_t offset) {
  code_.byte(opcode);
  code_.u32(0);  // alignment 1
  code_.u32(offset);
  return *this;
}

Code& Code::access_of(std::uint8_t opcode, std::uint32_t memory, std::uint32_t offset) {
  code_.byte(opcode);
  code_.u32(0x40);  // alignment 1, and a memory
  code_.u32(memory);
  code_.u32(offset);
  return *this;
}

Code& Code::structured(std::uint8_t opcode) {
  code_.byte(opcode);
  code_.byte(0x40);  // no parameters, no results
  return *this;
}

std::vector<std::uint8_t> Code::body() const {
  ByteWriter w;
  w.u32(locals_.size());
  for (const CoreType type : locals_) {
    w.u32(1);
    w.byte(type_code(type));
  }
  w.raw(code_.view());
  w.byte(static_cast<std::uint8_t>(Op::end));
  return w.take();
}

std::uint32_t ModuleWriter::type(const CoreSignature& signature) {
  for (std::uint32_t i = 0; i < types_.size(); ++i) {
    if (types_[i] == signature) return i;
  }
  types_.push_back(signature);
  return static_cast<std::uint32_t>(types_.size() - 1);
}

std::uint32_t ModuleWriter::import_function(std::string_view module, std::string_view name,
                                            const CoreSignature& signature) {
  ByteWriter& w = imports_.next();
  w.name(module);
  w.name(name);
  w.byte(0x00);
  w.u32(type(signature));
  return function_count_++;
}

void ModuleWriter::import_memory(std::string_view module, std::string_view name) {
  ByteWriter& w = imports_.next();
  w.name(module);
  w.name(name);
  w.byte(0x02);
  w.byte(0x00);
  w.u32(0);
}

void ModuleWriter::define_memory(std::uint32_t pages) {
  ByteWriter& w = memories_.next();
  w.byte(0x00);
  w.u32(pages);
}

void ModuleWriter::import_table(std::string_view module, std::string_view name) {
  ByteWriter& w = imports_.next();
  w.name(module);
  w.name(name);
  w.byte(0x01);
  w.byte(0x70);  // funcref
  w.byte(0x00);
  w.u32(0);
}

void ModuleWriter::define_table(std::uint32_t size) {
  ByteWriter& w = tables_.next();
  w.byte(0x70);
  w.byte(0x00);
  w.u32(size);
}

void ModuleWriter::export_table(std::string_view name) {
  ByteWriter& w = exports_.next();
  w.name(name);
  w.byte(0x01);
  w.u32(0);
}

void ModuleWriter::elements(std::uint32_t place, const std::vector<std::uint32_t>& functions) {
  ByteWriter& w = elements_.next();
  w.u32(0);
  w.byte(0x41);
  w.s64(static_cast<std::int32_t>(place));
  w.byte(static_cast<std::uint8_t>(Op::end));
  w.u32(functions.size());
  for (const std::uint32_t function : functions) w.u32(function);
}

std::uint32_t ModuleWriter::function(const Code& code) {
  functions_.next().u32(type(code.signature()));
  code_.next().sized(code.body());
  return function_count_++;
}

void ModuleWriter::export_function(std::string_view name, std::uint32_t function) {
  ByteWriter& w = exports_.next();
  w.name(name);
  w.byte(0x00);
  w.u32(function);
}

void ModuleWriter::export_memory(std::string_view name) {
  ByteWriter& w = exports_.next();
  w.name(name);
  w.byte(0x02);
  w.u32(0);
}

void ModuleWriter::data(std::uint32_t address, Bytes bytes) {
  ByteWriter& w = data_.next();
  w.u32(0);
  w.byte(0x41);
  w.s64(static_cast<std::int32_t>(address));
  w.byte(static_cast<std::uint8_t>(Op::end));
  w.sized(bytes);
}

std::vector<std::uint8_t> ModuleWriter::finish() {
  ByteWriter w;
  static constexpr std::uint8_t preamble[] = {0x00, 'a', 's', 'm', 1, 0, 0, 0};
  w.raw(preamble);
  const auto section = [&](std::uint8_t id, std::size_t count, const ByteWriter& entries) {
    if (count == 0) return;
    ByteWriter body;
    body.u32(count);
    body.raw(entries.view());
    w.byte(id);
    w.sized(body.view());
  };
  ByteWriter types;
  for (const CoreSignature& signature : types_) {
    types.byte(0x60);
    for (const auto* list : {&signature.params, &signature.results}) {
      types.u32(list->size());
      for (const CoreType type : *list) types.byte(type_code(type));
    }
  }
  section(1, types_.size(), types);
  section(2, imports_.count, imports_.body);
  section(3, functions_.count, functions_.body);
  section(4, tables_.count, tables_.body);
  section(5, memories_.count, memories_.body);
  section(7, exports_.count, exports_.body);
  if (start_ != none) {
    ByteWriter index;
    index.u32(start_);
    w.byte(8);
    w.sized(index.view());
  }
  section(9, elements_.count, elements_.body);
  section(10, code_.count, code_.body);
  section(11, data_.count, data_.body);
  return w.take();
}

}  // namespace crossing::instrument
