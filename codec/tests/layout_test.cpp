#include <flatbuffers/reflection_generated.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "crossing_generated.h"
#include "event/batch.h"
#include "event/bodies.h"

// The layout of every record, held against schema/lock.txt [EVO-03] [EVO-04]: sizes and offsets of
// structs, ids, vtable offsets, types and defaults of table fields, values of enumerators. While
// the format is a draft, a wanted change is taken over by
//
//   CROSSING_UPDATE_LOCK=1 crossing_tests --gtest_filter='Layout.*'

namespace crossing {
namespace {

const std::filesystem::path schema_folder = std::filesystem::path(CROSSING_SOURCE_DIR) / "schema";

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string bare(const flatbuffers::String* name) {
  constexpr std::string_view space = "crossing.schema.";
  std::string text = name->str();
  return text.starts_with(space) ? text.substr(space.size()) : text;
}

std::string type_text(const reflection::Schema& schema, const reflection::Type& type) {
  const auto name = [&](reflection::BaseType base) -> std::string {
    if (type.index() >= 0) {
      const auto index = static_cast<flatbuffers::uoffset_t>(type.index());
      return base == reflection::Obj ? bare(schema.objects()->Get(index)->name())
                                     : bare(schema.enums()->Get(index)->name());
    }
    constexpr std::string_view names[] = {
        "none", "union type", "bool",  "byte",   "ubyte",  "short",  "ushort", "int",  "uint",
        "long", "ulong",      "float", "double", "string", "vector", "table",  "union"};
    return std::string(names[base]);
  };
  return type.base_type() == reflection::Vector ? "[" + name(type.element()) + "]"
                                                : name(type.base_type());
}

std::string lock_text(const reflection::Schema& schema) {
  std::ostringstream out;
  constexpr std::string_view bases[] = {"none",   "union type", "bool", "byte", "ubyte", "short",
                                        "ushort", "int",        "uint", "long", "ulong"};
  for (const auto* record : *schema.enums()) {
    out << "enum " << bare(record->name()) << " : " << bases[record->underlying_type()->base_type()]
        << '\n';
    for (const auto* value : *record->values()) {
      out << "  " << value->name()->str() << " = " << value->value() << '\n';
    }
  }
  for (const auto* record : *schema.objects()) {
    std::vector<const reflection::Field*> fields(record->fields()->begin(),
                                                 record->fields()->end());
    std::sort(fields.begin(), fields.end(), [](auto* a, auto* b) { return a->id() < b->id(); });
    if (record->is_struct()) {
      out << "struct " << bare(record->name()) << " size " << record->bytesize() << " alignment "
          << record->minalign() << '\n';
    } else {
      out << "table " << bare(record->name()) << '\n';
    }
    for (const auto* field : fields) {
      const std::string type = type_text(schema, *field->type());
      if (record->is_struct()) {
        out << "  at " << field->offset() << ' ' << field->name()->str() << ": " << type << '\n';
        continue;
      }
      out << "  id " << field->id() << " vt " << field->offset() << ' ' << field->name()->str()
          << ": " << type;
      if (field->required()) out << ", required";
      if (field->default_integer() != 0) out << ", default " << field->default_integer();
      if (field->deprecated()) out << ", deprecated";
      out << '\n';
    }
  }
  return out.str();
}

/// What flatc makes of the schema now.
std::string current_lock() {
  const auto folder = std::filesystem::path(CROSSING_BINARY_DIR) / "layout";
  const std::string command = "flatc --binary --schema -o '" + folder.string() + "' '" +
                              (schema_folder / "crossing.fbs").string() + "'";
  if (std::system(command.c_str()) != 0) return {};
  const std::string bytes = read_file(folder / "crossing.bfbs");
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (!reflection::VerifySchemaBuffer(verifier)) return {};
  return lock_text(*reflection::GetSchema(bytes.data()));
}

TEST(Layout, IsThatOfTheLock) {  // [EVO-03] [EVO-04]
  const std::string found = current_lock();
  ASSERT_FALSE(found.empty()) << "expected flatc to compile schema/crossing.fbs";
  if (std::getenv("CROSSING_UPDATE_LOCK") != nullptr) {
    std::ofstream(schema_folder / "lock.txt") << found;
  }
  std::istringstream locked(read_file(schema_folder / "lock.txt"));
  std::istringstream now(found);
  std::string a;
  std::string b;
  std::string record;
  for (int line = 1;; ++line) {
    const bool more_a = static_cast<bool>(std::getline(locked, a));
    const bool more_b = static_cast<bool>(std::getline(now, b));
    if (!more_a && !more_b) break;
    if (more_a && !a.starts_with(' ')) record = a;
    ASSERT_TRUE(more_a && more_b && a == b)
        << "schema/lock.txt:" << line << ", in " << record << ": expected\n  "
        << (more_a ? a : "(nothing)") << "\nfound in schema/crossing.fbs\n  "
        << (more_b ? b : "(nothing)")
        << "\nWithin a major version a layout never changes. While the format is a draft, a change "
           "is taken over by\n  CROSSING_UPDATE_LOCK=1 crossing_tests --gtest_filter='Layout.*'";
  }
}

TEST(Layout, StructsOfTheCodecAreThoseOfTheSchema) {
  static_assert(sizeof(EventStruct) == sizeof(schema::Event));
  static_assert(sizeof(IndexEntry) == sizeof(schema::IndexEntry));
  static_assert(sizeof(EndBody) == sizeof(schema::End));
  static_assert(alignof(schema::Event) == 4 && alignof(schema::OpenCall) == 8);
}

/// Released schemas stay as they are [EVO-04]: each folder holds one, with its own lock.
TEST(Layout, ReleasedSchemasAreWhole) {
  for (const auto& entry : std::filesystem::directory_iterator(schema_folder / "released")) {
    if (!entry.is_directory()) continue;
    EXPECT_TRUE(std::filesystem::exists(entry.path() / "crossing.fbs")) << entry.path();
    EXPECT_TRUE(std::filesystem::exists(entry.path() / "lock.txt")) << entry.path();
  }
}

}  // namespace
}  // namespace crossing
