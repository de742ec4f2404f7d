/* library: every synchronous value type in both directions (library.wit).
 *
 * Built twice, with utf8 and with utf16 strings; only TEXT and `unit` differ.
 * An exported function owns its arguments and frees them; what it returns is
 * freed by its post-return, both as wit-bindgen generates it. */
#include "library.h"

#include <stdlib.h>
#include <string.h>

#ifdef STRINGS_utf16
#include <uchar.h>
typedef uint16_t unit;
#define TEXT(s) u##s
#else
typedef uint8_t unit;
#define TEXT(s) s
#endif

#define HOST(name) crossing_guests_host_##name
#define GUEST(name) exports_crossing_guests_exports_##name

typedef library_string_t string;
typedef crossing_guests_host_own_thing_t own_thing;
typedef crossing_guests_host_borrow_thing_t borrow_thing;
typedef exports_crossing_guests_exports_own_counter_t own_counter;
typedef exports_crossing_guests_exports_counter_t counter;

/* --- text --------------------------------------------------------------- */

static void append(string *to, const unit *units, size_t count)
{
    if (count == 0)
        return;
    to->ptr = realloc(to->ptr, (to->len + count) * sizeof(unit));
    if (!to->ptr)
        __builtin_trap();
    memcpy(to->ptr + to->len, units, count * sizeof(unit));
    to->len += count;
}

static void append_number(string *to, uint32_t n)
{
    unit digits[10];
    size_t at = sizeof digits / sizeof *digits;
    do {
        digits[--at] = (unit)('0' + n % 10);
        n /= 10;
    } while (n);
    append(to, digits + at, sizeof digits / sizeof *digits - at);
}

/* Appends and frees `text`. */
static void append_taken(string *to, string *text)
{
    append(to, text->ptr, text->len);
    library_string_free(text);
}

static void append_literal(string *to, string literal)
{
    append(to, literal.ptr, literal.len);
}

static string literal_of(const void *units, size_t size)
{
    return (string){(unit *)units, size / sizeof(unit) - 1};
}
#define LITERAL(s) literal_of(TEXT(s), sizeof TEXT(s))

void exports_library_version(string *ret)
{
    string text = {0};
    append_literal(&text, LITERAL("crossing guests 0.1.0, "));
#ifdef STRINGS_utf16
    append_literal(&text, LITERAL("utf16"));
#else
    append_literal(&text, LITERAL("utf8"));
#endif
    library_log(&text);
    *ret = text;
}

/* --- echoes ------------------------------------------------------------- */

/* Values that C passes as they are. */
#define ECHO(name, type) \
    type GUEST(echo_##name)(type v) { return HOST(echo_##name)(v); }

/* Values in memory, without anything to free. */
#define ECHO_IN_MEMORY(name, type) \
    void GUEST(echo_##name)(type *v, type *ret) { HOST(echo_##name)(v, ret); }

/* Values in memory that hold allocations. */
#define ECHO_AND_FREE(name, type, free_it) \
    void GUEST(echo_##name)(type *v, type *ret) \
    { \
        HOST(echo_##name)(v, ret); \
        free_it(v); \
    }

ECHO(bool, bool)
ECHO(s8, int8_t)
ECHO(u8, uint8_t)
ECHO(s16, int16_t)
ECHO(u16, uint16_t)
ECHO(s32, int32_t)
ECHO(u32, uint32_t)
ECHO(s64, int64_t)
ECHO(u64, uint64_t)
ECHO(f32, float)
ECHO(f64, double)
ECHO(char, uint32_t)
ECHO(colour, crossing_guests_types_colour_t)
ECHO(permissions, crossing_guests_types_permissions_t)
ECHO(features, crossing_guests_types_features_t)
ECHO(wide, crossing_guests_types_wide_t)
ECHO_IN_MEMORY(point, crossing_guests_types_point_t)
ECHO_IN_MEMORY(numbers, crossing_guests_types_numbers_t)
ECHO_AND_FREE(string, string, library_string_free)
ECHO_AND_FREE(bytes, library_list_u8_t, library_list_u8_free)
ECHO_AND_FREE(words, library_list_u64_t, library_list_u64_free)
ECHO_AND_FREE(strings, library_list_string_t, library_list_string_free)
ECHO_AND_FREE(nested, library_list_list_u16_t, library_list_list_u16_free)
ECHO_AND_FREE(tuple, library_tuple3_u8_string_f64_t, library_tuple3_u8_string_f64_free)
ECHO_AND_FREE(person, crossing_guests_types_person_t, crossing_guests_types_person_free)
ECHO_AND_FREE(shape, crossing_guests_types_shape_t, crossing_guests_types_shape_free)
ECHO_AND_FREE(tree, crossing_guests_types_tree_t, crossing_guests_types_tree_free)

void GUEST(echo_people)(exports_crossing_guests_exports_list_person_t *v,
                        exports_crossing_guests_exports_list_person_t *ret)
{
    crossing_guests_host_list_person_t in = {v->ptr, v->len}, out;
    HOST(echo_people)(&in, &out);
    exports_crossing_guests_exports_list_person_free(v);
    ret->ptr = out.ptr;
    ret->len = out.len;
}

bool GUEST(echo_option)(uint32_t *v, uint32_t *ret) { return HOST(echo_option)(v, ret); }

bool GUEST(echo_option_string)(string *v, string *ret)
{
    bool some = HOST(echo_option_string)(v, ret);
    if (v)
        library_string_free(v);
    return some;
}

bool GUEST(echo_option_option)(library_option_u8_t *v, library_option_u8_t *ret)
{
    return HOST(echo_option_option)(v, ret);
}

#define ECHO_RESULT(name, result) \
    void GUEST(echo_##name)(crossing_guests_host_##result##_t *v, crossing_guests_host_tuple1_##result##_t *ret) \
    { \
        HOST(echo_##name)(v, ret); \
        crossing_guests_host_##result##_free(v); \
    }

ECHO_RESULT(result, result_u32_string)
ECHO_RESULT(result_ok, result_string_void)
ECHO_RESULT(result_error, result_void_u8)
ECHO_RESULT(result_none, result_void_void)

bool GUEST(may_fail)(bool fail, uint32_t *ret, string *error) { return HOST(may_fail)(fail, ret, error); }
bool GUEST(may_fail_ok)(bool fail, string *ret) { return HOST(may_fail_ok)(fail, ret); }
bool GUEST(may_fail_error)(bool fail, uint8_t *error) { return HOST(may_fail_error)(fail, error); }
bool GUEST(may_fail_none)(bool fail) { return HOST(may_fail_none)(fail); }

uint32_t GUEST(sum_16)(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint8_t e, uint8_t f, uint8_t g, uint8_t h,
                       uint8_t i, uint8_t j, uint8_t k, uint8_t l, uint8_t m, uint8_t n, uint8_t o, uint8_t p)
{
    return HOST(sum_16)(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
}

uint64_t GUEST(sum_17)(uint8_t a, uint16_t b, uint32_t c, uint64_t d, float e, double f, uint8_t g, uint8_t h,
                       uint8_t i, uint8_t j, uint8_t k, uint8_t l, uint8_t m, uint8_t n, uint8_t o, uint8_t p,
                       string *q)
{
    uint64_t sum = HOST(sum_17)(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
    library_string_free(q);
    return sum;
}

/* --- the host's resource ------------------------------------------------ */

static own_thing kept;
static bool keeps;

void GUEST(keep_thing)(own_thing v)
{
    if (keeps)
        HOST(thing_drop_own)(kept);
    kept = v;
    keeps = true;
}

own_thing GUEST(return_thing)(void)
{
    if (!keeps)
        __builtin_trap();
    keeps = false;
    return kept;
}

void GUEST(read_thing)(borrow_thing v, string *ret)
{
    HOST(method_thing_label)(v, ret);
    HOST(thing_drop_borrow)(v);
}

void GUEST(play_with_things)(library_list_string_t *labels, string *ret)
{
    string text = {0}, part;
    crossing_guests_host_list_own_thing_t things;
    HOST(make_things)(labels, &things);
    library_list_string_free(labels);

    /* Borrow every one, by method and as a parameter. */
    for (size_t i = 0; i < things.len; i++) {
        HOST(method_thing_label)(HOST(borrow_thing)(things.ptr[i]), &part);
        append_taken(&text, &part);
        HOST(read_thing)(HOST(borrow_thing)(things.ptr[i]), &part);
        append_taken(&text, &part);
    }
    borrow_thing none_or_first = things.len ? HOST(borrow_thing)(things.ptr[0]) : (borrow_thing){0};
    if (HOST(read_optional_thing)(things.len ? &none_or_first : NULL, &part))
        append_taken(&text, &part);

    /* A new one, split: the two halves have the handles of those before. */
    string label = LITERAL("left/right");
    own_thing whole = HOST(constructor_thing)(&label);
    crossing_guests_host_tuple2_own_thing_own_thing_t halves;
    HOST(static_thing_split)(whole, 4, &halves);
    append_literal(&text, HOST(static_thing_longer)(HOST(borrow_thing)(halves.f0), HOST(borrow_thing)(halves.f1))
                              ? LITERAL(">")
                              : LITERAL("<"));
    label = LITERAL("renamed");
    HOST(method_thing_rename)(HOST(borrow_thing)(halves.f0), &label);
    HOST(method_thing_absorb)(HOST(borrow_thing)(halves.f0), halves.f1);
    HOST(take_thing)(halves.f0, &part);
    append_taken(&text, &part);

    /* Drop the first; a new one takes its handle; give all of them away. */
    if (things.len) {
        HOST(thing_drop_own)(things.ptr[0]);
        things.ptr[0] = HOST(make_thing)(&label);
    }
    append_number(&text, HOST(take_things)(&things));
    free(things.ptr);
    HOST(nothing)();
    *ret = text;
}

/* --- the guest's resource ----------------------------------------------- */

struct exports_crossing_guests_exports_counter_t {
    uint32_t value;
};

static uint32_t destroyed;

static own_counter new_counter(uint32_t start)
{
    counter *c = malloc(sizeof *c);
    if (!c)
        __builtin_trap();
    c->value = start;
    return GUEST(counter_new)(c);
}

void GUEST(counter_destructor)(counter *c)
{
    string text = {0};
    append_literal(&text, LITERAL("counter dropped at "));
    append_number(&text, c->value);
    library_log(&text);
    library_string_free(&text);
    free(c);
    destroyed++;
}

uint32_t GUEST(destroyed)(void) { return destroyed; }

own_counter GUEST(constructor_counter)(uint32_t start) { return new_counter(start); }
uint32_t GUEST(method_counter_add)(counter *self, uint32_t n) { return self->value += n; }
uint32_t GUEST(method_counter_value)(counter *self) { return self->value; }

own_counter GUEST(static_counter_merge)(own_counter a, own_counter b)
{
    uint32_t sum = GUEST(counter_rep)(a)->value + GUEST(counter_rep)(b)->value;
    GUEST(counter_drop_own)(a);
    GUEST(counter_drop_own)(b);
    return new_counter(sum);
}

bool GUEST(static_counter_larger)(counter *a, counter *b) { return a->value > b->value; }

void GUEST(make_counters)(library_list_u32_t *starts, exports_crossing_guests_exports_list_own_counter_t *ret)
{
    ret->len = starts->len;
    ret->ptr = malloc((starts->len ? starts->len : 1) * sizeof *ret->ptr);
    if (!ret->ptr)
        __builtin_trap();
    for (size_t i = 0; i < starts->len; i++)
        ret->ptr[i] = new_counter(starts->ptr[i]);
    library_list_u32_free(starts);
}

bool GUEST(maybe_counter)(uint32_t *start, own_counter *ret)
{
    if (start)
        *ret = new_counter(*start);
    return start != NULL;
}

uint32_t GUEST(take_counter)(own_counter v)
{
    uint32_t value = GUEST(counter_rep)(v)->value;
    GUEST(counter_drop_own)(v);
    return value;
}

uint32_t GUEST(read_counter)(counter *v) { return v->value; }

/* --- memory ------------------------------------------------------------- */

uint32_t GUEST(grow)(uint32_t pages)
{
    uint8_t byte = 42;
    library_list_u8_t before = {&byte, 1}, after;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1)
        return 0;
    HOST(echo_bytes)(&before, &after);
    if (after.len != 1 || after.ptr[0] != 42)
        __builtin_trap();
    library_list_u8_free(&after);
    return (uint32_t)__builtin_wasm_memory_size(0);
}
