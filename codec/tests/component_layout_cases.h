#pragma once

/// Sizes, alignments and flattened forms of component types and function types, computed with the
/// executable model of the Canonical ABI. Types are written `kind(parts)`, `_` for none, the number
/// of labels or the length after the kind.

#include <cstdint>

namespace crossing::component {

struct LayoutCase {
  const char* type;
  struct {
    std::uint64_t size;
    std::uint32_t alignment;
    const char* flat;
  } i32, i64;  // by the memory's index type
};

// clang-format off
inline constexpr LayoutCase kLayoutCases[] = {
    {"enum65537()", {4, 4, "i32"}, {4, 4, "i32"}},
    {"string", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"record(s32 bool s8 f64 f64)", {24, 8, "i32 i32 i32 f64 f64"}, {24, 8, "i32 i32 i32 f64 f64"}},
    {"error-context", {4, 4, "i32"}, {4, 4, "i32"}},
    {"stream(u8)", {4, 4, "i32"}, {4, 4, "i32"}},
    {"enum1()", {1, 1, "i32"}, {1, 1, "i32"}},
    {"u16", {2, 2, "i32"}, {2, 2, "i32"}},
    {"result(stream(u8) stream(u8))", {8, 4, "i32 i32"}, {8, 4, "i32 i32"}},
    {"result(_ option(string))", {16, 4, "i32 i32 i32 i32"}, {32, 8, "i32 i32 i64 i64"}},
    {"option(option(fixed2(u16)))", {8, 2, "i32 i32 i32 i32"}, {8, 2, "i32 i32 i32 i32"}},
    {"result(f32 _)", {8, 4, "i32 f32"}, {8, 4, "i32 f32"}},
    {"variant(f32)", {8, 4, "i32 f32"}, {8, 4, "i32 f32"}},
    {"map(u64 f32)", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"map(string s8)", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"u64", {8, 8, "i64"}, {8, 8, "i64"}},
    {"char", {4, 4, "i32"}, {4, 4, "i32"}},
    {"s8", {1, 1, "i32"}, {1, 1, "i32"}},
    {"enum257()", {2, 2, "i32"}, {2, 2, "i32"}},
    {"list(result(flags32() _))", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"s32", {4, 4, "i32"}, {4, 4, "i32"}},
    {"map(s8 u64)", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"f64", {8, 8, "f64"}, {8, 8, "f64"}},
    {"flags8()", {1, 1, "i32"}, {1, 1, "i32"}},
    {"record(s32 variant(error-context f32 s32))", {12, 4, "i32 i32 i32"}, {12, 4, "i32 i32 i32"}},
    {"option(char)", {8, 4, "i32 i32"}, {8, 4, "i32 i32"}},
    {"tuple(f32)", {4, 4, "f32"}, {4, 4, "f32"}},
    {"own()", {4, 4, "i32"}, {4, 4, "i32"}},
    {"fixed20(result(string _))", {240, 4, ">16"}, {480, 8, ">16"}},
    {"variant(flags8() flags32() fixed7(s32))", {32, 4, "i32 i32 i32 i32 i32 i32 i32 i32"}, {32, 4, "i32 i32 i32 i32 i32 i32 i32 i32"}},
    {"record(fixed3(error-context) own() flags1())", {20, 4, "i32 i32 i32 i32 i32"}, {20, 4, "i32 i32 i32 i32 i32"}},
    {"option(map(bool char))", {12, 4, "i32 i32 i32"}, {24, 8, "i32 i64 i64"}},
    {"variant(_)", {1, 1, "i32"}, {1, 1, "i32"}},
    {"list(stream(u8))", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"variant(u16 stream(u8))", {8, 4, "i32 i32"}, {8, 4, "i32 i32"}},
    {"map(string flags8())", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"fixed2(fixed3(bool))", {6, 1, "i32 i32 i32 i32 i32 i32"}, {6, 1, "i32 i32 i32 i32 i32 i32"}},
    {"map(u64 enum2())", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"flags16()", {2, 2, "i32"}, {2, 2, "i32"}},
    {"result(string list(list(u16)))", {12, 4, "i32 i32 i32"}, {24, 8, "i32 i64 i64"}},
    {"flags32()", {4, 4, "i32"}, {4, 4, "i32"}},
    {"option(s8)", {2, 1, "i32 i32"}, {2, 1, "i32 i32"}},
    {"list(fixed20(f64))", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"fixed2(variant(option(bool) tuple(s8) _))", {6, 1, "i32 i32 i32 i32 i32 i32"}, {6, 1, "i32 i32 i32 i32 i32 i32"}},
    {"list(u64)", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"result(_ variant(u16 s8 bool))", {6, 2, "i32 i32 i32"}, {6, 2, "i32 i32 i32"}},
    {"variant(_ s8 f32 _ u64)", {16, 8, "i32 i64"}, {16, 8, "i32 i64"}},
    {"tuple(u16)", {2, 2, "i32"}, {2, 2, "i32"}},
    {"fixed3(result(u64 bool))", {48, 8, "i32 i64 i32 i64 i32 i64"}, {48, 8, "i32 i64 i32 i64 i32 i64"}},
    {"fixed2(variant(string _ string s32))", {24, 4, "i32 i32 i32 i32 i32 i32"}, {48, 8, "i32 i64 i64 i32 i64 i64"}},
    {"record(u64 record(enum65536()))", {16, 8, "i64 i32"}, {16, 8, "i64 i32"}},
    {"record(flags17() record(s32 f32 u16) f64)", {24, 8, "i32 i32 f32 i32 f64"}, {24, 8, "i32 i32 f32 i32 f64"}},
    {"result(s32 bool)", {8, 4, "i32 i32"}, {8, 4, "i32 i32"}},
    {"variant(bool u64)", {16, 8, "i32 i64"}, {16, 8, "i32 i64"}},
    {"variant(_ _ map(string f32) _ map(s8 bool))", {12, 4, "i32 i32 i32"}, {24, 8, "i32 i64 i64"}},
    {"result(result(record(s32 s8 bool bool u16) enum257()) stream(u8))", {20, 4, "i32 i32 i32 i32 i32 i32 i32"}, {20, 4, "i32 i32 i32 i32 i32 i32 i32"}},
    {"record(own() result(string char) variant(s32 char f64) u64)", {40, 8, "i32 i32 i32 i32 i32 i64 i64"}, {56, 8, "i32 i32 i64 i64 i32 i64 i64"}},
    {"list(bool)", {8, 4, "i32 i32"}, {16, 8, "i64 i64"}},
    {"result(variant(option(bool) string _ fixed1(s32) string) map(u64 own()))", {16, 4, "i32 i32 i32 i32"}, {32, 8, "i32 i64 i64 i64"}},
    {"bool", {1, 1, "i32"}, {1, 1, "i32"}},
    {"enum256()", {1, 1, "i32"}, {1, 1, "i32"}},
};

/// Core signatures, parameters and results apart by ':': lift, lower, async lift with a callback,
/// async lower; first with 32-bit pointers, then with 64-bit ones.
struct FlattenCase {
  const char* func;
  const char* signatures[8];
};

inline constexpr FlattenCase kFlattenCases[] = {
    {"f64 string -> result(f64 f64)", {"f64 i32 i32 : i32", "f64 i32 i32 i32 : ", "f64 i32 i32 : i32", "f64 i32 i32 i32 : i32", "f64 i64 i64 : i64", "f64 i64 i64 i64 : ", "f64 i64 i64 : i32", "f64 i64 i64 i64 : i32"}},
    {" -> _", {" : ", " : ", " : i32", " : i32", " : ", " : ", " : i32", " : i32"}},
    {"flags17() option(s8) u64 variant(_) stream(u8) -> _", {"i32 i32 i32 i64 i32 i32 : ", "i32 i32 i32 i64 i32 i32 : ", "i32 i32 i32 i64 i32 i32 : i32", "i32 : i32", "i32 i32 i32 i64 i32 i32 : ", "i32 i32 i32 i64 i32 i32 : ", "i32 i32 i32 i64 i32 i32 : i32", "i64 : i32"}},
    {"stream(u8) char -> option(u64)", {"i32 i32 : i32", "i32 i32 i32 : ", "i32 i32 : i32", "i32 i32 i32 : i32", "i32 i32 : i64", "i32 i32 i64 : ", "i32 i32 : i32", "i32 i32 i64 : i32"}},
    {"f64 -> _", {"f64 : ", "f64 : ", "f64 : i32", "f64 : i32", "f64 : ", "f64 : ", "f64 : i32", "f64 : i32"}},
    {"u16 tuple(f64 string) flags32() -> _", {"i32 f64 i32 i32 i32 : ", "i32 f64 i32 i32 i32 : ", "i32 f64 i32 i32 i32 : i32", "i32 : i32", "i32 f64 i64 i64 i32 : ", "i32 f64 i64 i64 i32 : ", "i32 f64 i64 i64 i32 : i32", "i64 : i32"}},
    {"s8 -> s32", {"i32 : i32", "i32 : i32", "i32 : i32", "i32 i32 : i32", "i32 : i32", "i32 : i32", "i32 : i32", "i32 i64 : i32"}},
    {" -> tuple(f64 map(u64 u16) result(_ bool))", {" : i32", "i32 : ", " : i32", "i32 : i32", " : i64", "i64 : ", " : i32", "i64 : i32"}},
    {"enum257() option(f64) s32 -> u16", {"i32 i32 f64 i32 : i32", "i32 i32 f64 i32 : i32", "i32 i32 f64 i32 : i32", "i32 i32 f64 i32 i32 : i32", "i32 i32 f64 i32 : i32", "i32 i32 f64 i32 : i32", "i32 i32 f64 i32 : i32", "i32 i32 f64 i32 i64 : i32"}},
    {" -> bool", {" : i32", " : i32", " : i32", "i32 : i32", " : i32", " : i32", " : i32", "i64 : i32"}},
    {"string f32 s32 stream(u8) map(u64 char) -> option(tuple(u16))", {"i32 i32 f32 i32 i32 i32 i32 : i32", "i32 i32 f32 i32 i32 i32 i32 i32 : ", "i32 i32 f32 i32 i32 i32 i32 : i32", "i32 i32 : i32", "i64 i64 f32 i32 i32 i64 i64 : i64", "i64 i64 f32 i32 i32 i64 i64 i64 : ", "i64 i64 f32 i32 i32 i64 i64 : i32", "i64 i64 : i32"}},
    {"s8 char -> error-context", {"i32 i32 : i32", "i32 i32 : i32", "i32 i32 : i32", "i32 i32 i32 : i32", "i32 i32 : i32", "i32 i32 : i32", "i32 i32 : i32", "i32 i32 i64 : i32"}},
    {"char stream(u8) s8 fixed2(char) flags1() -> _", {"i32 i32 i32 i32 i32 i32 : ", "i32 i32 i32 i32 i32 i32 : ", "i32 i32 i32 i32 i32 i32 : i32", "i32 : i32", "i32 i32 i32 i32 i32 i32 : ", "i32 i32 i32 i32 i32 i32 : ", "i32 i32 i32 i32 i32 i32 : i32", "i64 : i32"}},
    {"own() u16 u16 u16 stream(u8) error-context stream(u8) string bool -> stream(u8)", {"i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 : i32", "i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 : i32", "i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 : i32", "i32 i32 : i32", "i32 i32 i32 i32 i32 i32 i32 i64 i64 i32 : i32", "i32 i32 i32 i32 i32 i32 i32 i64 i64 i32 : i32", "i32 i32 i32 i32 i32 i32 i32 i64 i64 i32 : i32", "i64 i64 : i32"}},
    {" -> enum2()", {" : i32", " : i32", " : i32", "i32 : i32", " : i32", " : i32", " : i32", "i64 : i32"}},
    {"u64 -> map(u64 enum2())", {"i64 : i32", "i64 i32 : ", "i64 : i32", "i64 i32 : i32", "i64 : i64", "i64 i64 : ", "i64 : i32", "i64 i64 : i32"}},
    {"result(string u16) option(map(bool u16)) -> own()", {"i32 i32 i32 i32 i32 i32 : i32", "i32 i32 i32 i32 i32 i32 : i32", "i32 i32 i32 i32 i32 i32 : i32", "i32 i32 : i32", "i32 i64 i64 i32 i64 i64 : i32", "i32 i64 i64 i32 i64 i64 : i32", "i32 i64 i64 i32 i64 i64 : i32", "i64 i64 : i32"}},
    {" -> result(variant(s32 s8 string s8 error-context) _)", {" : i32", "i32 : ", " : i32", "i32 : i32", " : i64", "i64 : ", " : i32", "i64 : i32"}},
    {"u64 option(string) string fixed2(char) char -> enum1()", {"i64 i32 i32 i32 i32 i32 i32 i32 i32 : i32", "i64 i32 i32 i32 i32 i32 i32 i32 i32 : i32", "i64 i32 i32 i32 i32 i32 i32 i32 i32 : i32", "i32 i32 : i32", "i64 i32 i64 i64 i64 i64 i32 i32 i32 : i32", "i64 i32 i64 i64 i64 i64 i32 i32 i32 : i32", "i64 i32 i64 i64 i64 i64 i32 i32 i32 : i32", "i64 i64 : i32"}},
    {"variant(_ tuple(char s32)) -> _", {"i32 i32 i32 : ", "i32 i32 i32 : ", "i32 i32 i32 : i32", "i32 i32 i32 : i32", "i32 i32 i32 : ", "i32 i32 i32 : ", "i32 i32 i32 : i32", "i32 i32 i32 : i32"}},
    {" -> stream(u8)", {" : i32", " : i32", " : i32", "i32 : i32", " : i32", " : i32", " : i32", "i64 : i32"}},
    {"flags9() f32 f32 -> record(map(u64 string) variant(_ u64) list(u64) enum65537())", {"i32 f32 f32 : i32", "i32 f32 f32 i32 : ", "i32 f32 f32 : i32", "i32 f32 f32 i32 : i32", "i32 f32 f32 : i64", "i32 f32 f32 i64 : ", "i32 f32 f32 : i32", "i32 f32 f32 i64 : i32"}},
    {"string flags1() -> list(variant(_ u64 s32))", {"i32 i32 i32 : i32", "i32 i32 i32 i32 : ", "i32 i32 i32 : i32", "i32 i32 i32 i32 : i32", "i64 i64 i32 : i64", "i64 i64 i32 i64 : ", "i64 i64 i32 : i32", "i64 i64 i32 i64 : i32"}},
    {"tuple(s32 list(u64)) u16 -> tuple(result(u64 bool) record(bool))", {"i32 i32 i32 i32 : i32", "i32 i32 i32 i32 i32 : ", "i32 i32 i32 i32 : i32", "i32 i32 i32 i32 i32 : i32", "i32 i64 i64 i32 : i64", "i32 i64 i64 i32 i64 : ", "i32 i64 i64 i32 : i32", "i32 i64 i64 i32 i64 : i32"}},
    {"char fixed20(s32) s8 -> f64", {"i32 : f64", "i32 : f64", "i32 : i32", "i32 i32 : i32", "i64 : f64", "i64 : f64", "i64 : i32", "i64 i64 : i32"}},
    {"u16 flags8() result(f32 option(f64)) u16 char -> own()", {"i32 i32 i32 i32 f64 i32 i32 : i32", "i32 i32 i32 i32 f64 i32 i32 : i32", "i32 i32 i32 i32 f64 i32 i32 : i32", "i32 i32 : i32", "i32 i32 i32 i32 f64 i32 i32 : i32", "i32 i32 i32 i32 f64 i32 i32 : i32", "i32 i32 i32 i32 f64 i32 i32 : i32", "i64 i64 : i32"}},
    {"flags1() -> _", {"i32 : ", "i32 : ", "i32 : i32", "i32 : i32", "i32 : ", "i32 : ", "i32 : i32", "i32 : i32"}},
    {" -> enum1()", {" : i32", " : i32", " : i32", "i32 : i32", " : i32", " : i32", " : i32", "i64 : i32"}},
    {"u64 -> f64", {"i64 : f64", "i64 : f64", "i64 : i32", "i64 i32 : i32", "i64 : f64", "i64 : f64", "i64 : i32", "i64 i64 : i32"}},
    {"stream(u8) fixed7(u64) -> list(variant(char char))", {"i32 i64 i64 i64 i64 i64 i64 i64 : i32", "i32 i64 i64 i64 i64 i64 i64 i64 i32 : ", "i32 i64 i64 i64 i64 i64 i64 i64 : i32", "i32 i32 : i32", "i32 i64 i64 i64 i64 i64 i64 i64 : i64", "i32 i64 i64 i64 i64 i64 i64 i64 i64 : ", "i32 i64 i64 i64 i64 i64 i64 i64 : i32", "i64 i64 : i32"}},
};
// clang-format on

}  // namespace crossing::component
