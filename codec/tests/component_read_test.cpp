// What read_component says of bytes that are no component, or one that it does not take.

#include <gtest/gtest.h>

#include "component/cursor.h"
#include "component_builder.h"
#include "crossing/component.h"

namespace crossing::component {
namespace {

Error error_of(const Blob& binary, const ComponentLimits& limits = {}) {
  const auto wiring = read_component(binary, limits);
  return wiring ? Error{.verdict = Verdict::ok, .message = {}, .offset = {}, .event = {}}
                : wiring.error();
}

TEST(ReadComponent, TakesTheEmptyComponent) {
  const auto wiring = read_component(component({}));
  ASSERT_TRUE(wiring) << wiring.error().message;
  EXPECT_EQ(wiring->definitions.instances.size(), 1u);
  EXPECT_EQ(wiring->definitions.components.at(0).size, 8u);
}

TEST(ReadComponent, TellsACoreModuleFromAComponent) {
  const Error error = error_of(core_module({}));
  EXPECT_EQ(error.verdict, Verdict::invalid);
  EXPECT_EQ(error.offset, 4u);
  EXPECT_EQ(error.message,
            "expected a component, found a core module; make a component of it with "
            "`wasm-tools component new` or `jco new`");
}

TEST(ReadComponent, RefusesOtherVersions) {
  Blob binary = component({});
  binary[4] = 0x0e;
  EXPECT_EQ(error_of(binary).verdict, Verdict::unsupported);
  EXPECT_EQ(error_of(binary).message,
            "expected component version 0xd of layer 1, found version 0xe of layer 1");
}

TEST(ReadComponent, NamesWhatIsNoWebAssembly) {
  const Error error = error_of(raw({'G', 'I', 'F', '8', '9', 'a'}));
  EXPECT_EQ(error.verdict, Verdict::invalid);
  EXPECT_EQ(error.message, "expected magic byte 0x0, found 0x47");
}

TEST(ReadComponent, SaysWhereItWasCut) {
  const Blob binary = component({section(0, name("custom") + Blob(100))});
  for (std::size_t size = 0; size < binary.size(); ++size) {
    const Error error =
        error_of(Blob(binary.begin(), binary.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_EQ(error.verdict, size == 8 ? Verdict::ok : Verdict::truncated)
        << size << ": " << error.message;
  }
  const Error error = error_of(component({raw({7, 99, 1, 0x7f})}));
  EXPECT_EQ(error.verdict, Verdict::truncated);
  EXPECT_EQ(error.offset, 10u);
  EXPECT_EQ(error.message, "expected a section size of at most 2 bytes, found one of 99");
}

TEST(ReadComponent, SaysThatASectionIsTooShortForWhatItHolds) {
  const Error error = error_of(component({section(7, raw({2, 0x7f})), section(0, name("x"))}));
  EXPECT_EQ(error.verdict, Verdict::invalid);
  EXPECT_EQ(error.message, "expected at most 1 as definition count, found 2");
  EXPECT_EQ(error_of(component({section(7, raw({1, 0x7f, 0x7f}))})).message,
            "expected the end of the section, found 1 bytes more");
}

struct Refused {
  const char* what;
  Blob binary;
  Verdict verdict;
  const char* message;
};

TEST(ReadComponent, RefusesByName) {
  const Blob instance_of_nothing = instances({raw({0x00, 0, 0})});
  const Refused cases[] = {
      {"start", component({section(9, raw({0, 0, 0}))}), Verdict::unsupported,
       "start definitions (values) are not supported"},
      {"value section", component({section(12, raw({0}))}), Verdict::unsupported,
       "values are not supported"},
      {"value import", component({imports({extern_name("v") + raw({0x02, 0x01, 0x7f})})}),
       Verdict::unsupported, "values are not supported"},
      {"section id", component({section(13, {})}), Verdict::invalid,
       "expected a component section id from 0 to 12, found 0xd"},
      {"canon", component({canons({raw({0x3e})})}), Verdict::unsupported,
       "canonical definition 0x3e is not known"},
      {"imported module",
       component(
           {section(3, raw({1, 0x50, 0})), imports({extern_name("m") + raw({0x00, 0x11, 0})})}),
       Verdict::unsupported, "imported core modules are not supported"},
      {"imported component",
       component({types({raw({0x41, 0})}), imports({extern_name("c") + raw({0x04, 0})})}),
       Verdict::unsupported, "imported components are not supported"},
      {"component index", component({instance_of_nothing}), Verdict::invalid,
       "expected a component index below 0, found 0"},
      {"type index", component({types({raw({0x70, 5})})}), Verdict::invalid,
       "expected a type index below 0, found 5"},
      {"own of a value", component({types({raw({0x7f}), raw({0x69, 0})})}), Verdict::invalid,
       "expected type 0 to be a resource type, found a value type"},
      {"func import of a value type",
       component({types({raw({0x7f})}), imports({extern_name("f") + raw({0x01, 0})})}),
       Verdict::invalid, "expected type 0 to be a function type, found a value type"},
      {"twice imported",
       component({types({raw({0x40, 0, 1, 0})}),
                  imports({extern_name("f") + raw({0x01, 0}), extern_name("f") + raw({0x01, 0})})}),
       Verdict::invalid, "expected import names to be unique, found \"f\" twice"},
      {"33 flags",
       component({types({raw({0x6e}) + leb(33) +
                         [] {
                           Blob labels;
                           for (char c = 'A'; c < 'A' + 33; ++c) labels = labels + raw({1, c});
                           return labels;
                         }()})}),
       Verdict::invalid, "expected a flag count of at most 32, found 0x21"},
      {"borrow in a result",
       component({types({raw({0x3f, 0x7f, 0}), raw({0x68, 0}), raw({0x40, 0, 0x00, 1})})}),
       Verdict::invalid, "expected a result without borrow, found one with it"},
      {"missing argument",
       component({nested(component({types({raw({0x40, 0, 1, 0})}),
                                    imports({extern_name("f") + raw({0x01, 0})})})),
                  instance_of_nothing}),
       Verdict::invalid, "expected an argument for the import \"f\", found none"},
      {"name", component({imports({raw({0x00, 1, 0xff, 0x01, 0})})}), Verdict::invalid,
       "expected import name in UTF-8, found other bytes"},
      {"core signature",
       component({modules(library_module()), core_instances({raw({0x00, 0, 0})}),
                  aliases({core_alias(0, 0, "f")}), types({raw({0x40, 0, 1, 0})}),
                  canons({raw({0x00, 0x00, 0, 0, 0})})}),
       Verdict::invalid,
       "expected a lifted function to have the core type () -> (), found (i32) -> (i32)"},
      {"list without memory",
       component({types({raw({0x40, 1, 1, 'x', 0x73, 1, 0})}),
                  imports({extern_name("f") + raw({0x01, 0})}), canons({raw({0x01, 0x00, 0, 0})})}),
       Verdict::invalid, "expected a memory option, found none, though values pass through memory"},
      {"option twice",
       component({types({raw({0x40, 0, 1, 0})}), imports({extern_name("f") + raw({0x01, 0})}),
                  canons({raw({0x01, 0x00, 0, 2, 0x00, 0x01})})}),
       Verdict::invalid, "expected each canonical option once, found one twice"},
  };
  for (const Refused& refused : cases) {
    const Error error = error_of(refused.binary);
    EXPECT_EQ(error.verdict, refused.verdict) << refused.what;
    EXPECT_EQ(error.message, refused.message) << refused.what;
    EXPECT_TRUE(error.offset && *error.offset <= refused.binary.size()) << refused.what;
  }
}

Blob nest(int levels) {
  return levels == 0 ? component({}) : component({nested(nest(levels - 1))});
}

TEST(ReadComponentLimits, Nesting) {
  EXPECT_EQ(error_of(nest(64)).verdict, Verdict::ok);
  EXPECT_EQ(error_of(nest(65)).verdict, Verdict::limit);
}

TEST(ReadComponentLimits, TypeDepth) {
  const auto deep = [](int levels) {
    Blob items = leb(static_cast<std::size_t>(levels));
    for (int i = 0; i < levels; ++i) items = items + (i == 0 ? raw({0x7f}) : raw({0x70, i - 1}));
    return component({section(7, items)});
  };
  EXPECT_EQ(error_of(deep(64)).verdict, Verdict::ok);
  EXPECT_EQ(error_of(deep(65)).verdict, Verdict::limit);
}

TEST(ReadComponentLimits, InstancesOfInstancesOfInstances) {
  // Each level instantiates the one before it twice: 2^30 instances in a few hundred bytes.
  Blob body = component({});
  Blob root = component({nested(body)});
  for (int i = 1; i < 30; ++i) {
    root = root + nested(component({aliases({raw({0x04, 0x02, 1, i - 1})}),
                                    instances({raw({0, 0, 0}), raw({0, 0, 0})})}));
  }
  root = root + instances({raw({0x00, 29, 0})});
  const Error error = error_of(root);
  EXPECT_EQ(error.verdict, Verdict::limit);
  EXPECT_EQ(error.message, "more component instances than the limit of 1000");
}

TEST(ReadComponentLimits, CoreInstances) {
  const auto with = [](std::size_t count) {
    Blob items = leb(count);
    for (std::size_t i = 0; i < count; ++i) items = items + raw({0, 0, 0});
    return component({modules(core_module({})), section(2, items)});
  };
  ComponentLimits limits;
  limits.core_instances = 7;
  EXPECT_EQ(error_of(with(7), limits).verdict, Verdict::ok);
  EXPECT_EQ(error_of(with(8), limits).verdict, Verdict::limit);
}

TEST(ReadComponentLimits, Functions) {
  const auto with = [](std::size_t count) {
    Blob items = leb(count);
    for (std::size_t i = 0; i < count; ++i) items = items + raw({0x24});
    return component({section(8, items)});
  };
  ComponentLimits limits;
  limits.functions = 7;
  EXPECT_EQ(error_of(with(7), limits).verdict, Verdict::ok);
  EXPECT_EQ(error_of(with(8), limits).verdict, Verdict::limit);
}

TEST(Cursor, RefusesOverlongNumbers) {
  const auto u32 = [](const Blob& bytes) {
    Fault fault;
    Cursor r(bytes, 100, fault);
    const std::uint32_t value = r.u32("a number");
    return fault.ok() ? std::to_string(value) : std::string(verdict_name(fault.error().verdict));
  };
  EXPECT_EQ(u32(raw({0xff, 0xff, 0xff, 0xff, 0x0f})), "4294967295");
  EXPECT_EQ(u32(raw({0xff, 0xff, 0xff, 0xff, 0x1f})), "invalid");
  EXPECT_EQ(u32(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x00})), "invalid");
  EXPECT_EQ(u32(raw({0x80})), "truncated");
  EXPECT_EQ(u32(raw({0x80, 0x00})), "0");
}

TEST(Cursor, ReadsSignedNumbersOf33Bits) {
  const auto s33 = [](const Blob& bytes) {
    Fault fault;
    Cursor r(bytes, 100, fault);
    const std::int64_t value = r.s33("a number");
    return fault.ok() ? std::to_string(value) : std::string(verdict_name(fault.error().verdict));
  };
  EXPECT_EQ(s33(raw({0x7f})), "-1");
  EXPECT_EQ(s33(raw({0x40})), "-64");
  EXPECT_EQ(s33(raw({0xc0, 0x00})), "64");
  EXPECT_EQ(s33(raw({0xff, 0xff, 0xff, 0xff, 0x0f})), "4294967295");
  EXPECT_EQ(s33(raw({0x80, 0x80, 0x80, 0x80, 0x70})), "-4294967296");
  EXPECT_EQ(s33(raw({0xff, 0xff, 0xff, 0xff, 0x1f})), "invalid");
  EXPECT_EQ(s33(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x00})), "invalid");
}

TEST(Utf8, IsWhatUnicodeSays) {
  for (const char* good : {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf",
                           "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80",
                          "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

}  // namespace
}  // namespace crossing::component
