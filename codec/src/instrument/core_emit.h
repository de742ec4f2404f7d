#pragma once

/// Core modules in the making: what the recorder's generated modules need of core WebAssembly 1.0,
/// and `memory.copy`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "component/byte_writer.h"
#include "component/core_module.h"

namespace crossing::instrument {

using component::ByteWriter;
using component::CoreSignature;

/// Value types and instructions without immediates, by their opcodes.
enum class Op : std::uint8_t {
  unreachable = 0x00,
  end = 0x0b,
  return_ = 0x0f,
  drop = 0x1a,
  i32_eqz = 0x45,
  i32_eq = 0x46,
  i32_ne = 0x47,
  i32_lt_u = 0x49,
  i32_gt_u = 0x4b,
  i32_le_u = 0x4d,
  i32_ge_u = 0x4f,
  i64_ne = 0x52,
  i64_gt_u = 0x56,
  i32_add = 0x6a,
  i32_sub = 0x6b,
  i32_mul = 0x6c,
  i32_and = 0x71,
  i32_or = 0x72,
  i32_xor = 0x73,
  i32_shl = 0x74,
  i32_shr_u = 0x76,
  i64_add = 0x7c,
  i64_mul = 0x7e,
  i64_and = 0x83,
  i64_xor = 0x85,
  i64_shl = 0x86,
  i64_shr_u = 0x88,
  i64_rotl = 0x89,
  i32_wrap_i64 = 0xa7,
  i64_extend_i32_u = 0xad,
};

/// The body of one function. Calls append instructions; what they leave on the stack is the
/// caller's care, as in any assembler.
class Code {
 public:
  explicit Code(CoreSignature signature) : signature_(std::move(signature)) {}

  /// A further local; its index.
  std::uint32_t local(CoreType type);

  Code& get(std::uint32_t local) { return indexed(0x20, local); }
  Code& set(std::uint32_t local) { return indexed(0x21, local); }
  Code& tee(std::uint32_t local) { return indexed(0x22, local); }
  Code& call(std::uint32_t function) { return indexed(0x10, function); }
  /// By table 0. `type` is `ModuleWriter::type`.
  Code& call_indirect(std::uint32_t type);
  Code& i32(std::uint32_t value);
  Code& i64(std::uint64_t value);
  Code& op(Op op);

  // Memory 0; addresses need no alignment.
  Code& load(std::uint32_t offset) { return access(0x28, offset); }
  Code& store(std::uint32_t offset) { return access(0x36, offset); }
  Code& load8(std::uint32_t offset) { return access(0x2d, offset); }
  Code& store8(std::uint32_t offset) { return access(0x3a, offset); }
  Code& load64(std::uint32_t offset) { return access(0x29, offset); }
  /// From another memory than the first.
  Code& load8_of(std::uint32_t memory, std::uint32_t offset = 0) {
    return access_of(0x2d, memory, offset);
  }
  Code& load64_of(std::uint32_t memory, std::uint32_t offset = 0) {
    return access_of(0x29, memory, offset);
  }
  Code& store64(std::uint32_t offset) { return access(0x37, offset); }
  Code& load16(std::uint32_t offset) { return access(0x2f, offset); }
  Code& store(CoreType type, std::uint32_t offset);
  Code& memory_size();
  Code& memory_grow();
  /// To memory `to` from memory `from`.
  Code& memory_copy(std::uint32_t to = 0, std::uint32_t from = 0);

  Code& block() { return structured(0x02); }
  Code& loop() { return structured(0x03); }
  Code& if_() { return structured(0x04); }
  Code& else_();
  Code& end() { return op(Op::end); }
  Code& branch(std::uint32_t depth) { return indexed(0x0c, depth); }
  Code& branch_if(std::uint32_t depth) { return indexed(0x0d, depth); }

  [[nodiscard]] const CoreSignature& signature() const { return signature_; }
  /// Locals and instructions, as the code section has them.
  [[nodiscard]] std::vector<std::uint8_t> body() const;

 private:
  Code& indexed(std::uint8_t opcode, std::uint32_t index);
  Code& access(std::uint8_t opcode, std::uint32_t offset);
  Code& access_of(std::uint8_t opcode, std::uint32_t memory, std::uint32_t offset);
  Code& structured(std::uint8_t opcode);

  CoreSignature signature_;
  std::vector<CoreType> locals_;
  ByteWriter code_;
};

/// Bytes that a value of the type takes in memory.
std::uint32_t width(CoreType type);

/// A core module. Imports come before the functions, as their index space demands.
class ModuleWriter {
 public:
  std::uint32_t import_function(std::string_view module, std::string_view name,
                                const CoreSignature& signature);
  /// Memories count from 0 in the order of these calls.
  void import_memory(std::string_view module, std::string_view name);
  void define_memory(std::uint32_t pages);
  /// Tables of functions, table 0 the only one.
  void import_table(std::string_view module, std::string_view name);
  void define_table(std::uint32_t size);
  void export_table(std::string_view name);
  /// Functions that stand in table 0, the place of the first on.
  void elements(std::uint32_t place, const std::vector<std::uint32_t>& functions);
  std::uint32_t type(const CoreSignature& signature);
  std::uint32_t function(const Code& code);
  void start(std::uint32_t function) { start_ = function; }
  void export_function(std::string_view name, std::uint32_t function);
  void export_memory(std::string_view name);
  void data(std::uint32_t address, Bytes bytes);

  std::vector<std::uint8_t> finish();

 private:
  struct Entries {
    std::uint32_t count = 0;
    ByteWriter body;
    ByteWriter& next() {
      ++count;
      return body;
    }
  };

  std::vector<CoreSignature> types_;
  Entries imports_, functions_, tables_, memories_, exports_, elements_, code_, data_;
  std::uint32_t function_count_ = 0;
  std::uint32_t start_ = none;
};

}  // namespace crossing::instrument
