"""Sizes, alignments and flattened forms of component types, section by section of the Component
Model's CanonicalABI.md. Shares nothing with the codec.

A type is one of a list, as in canonical JSON (spec/json.md, `type`); types refer to one another by
their index. `none` is 4294967295.
"""

NONE = 4294967295
INTEGERS = {'bool': 1, 's8': 1, 'u8': 1, 's16': 2, 'u16': 2, 's32': 4, 'u32': 4, 's64': 8, 'u64': 8,
            'char': 4, 'own': 4, 'borrow': 4, 'stream': 4, 'future': 4, 'error_context': 4}
HANDLES = ('own', 'borrow', 'stream', 'future', 'error_context')
FLOATS = {'f32': 4, 'f64': 8}


class Trap(Exception):
    """What the Canonical ABI says where a value cannot be lifted or lowered."""


def trap_if(condition, why):
    if condition:
        raise Trap(why)


def align_to(place, alignment):
    return -(-place // alignment) * alignment


class Abi:
    """What the options of a function make of types: the width of pointers, and the encoding."""

    def __init__(self, types, pointer, encoding):
        self.types = types
        self.pointer_size = 8 if pointer == 'i64' else 4
        self.pointer = pointer
        self.encoding = encoding
        self.tag = 1 << (8 * self.pointer_size - 1)
        self.sizes, self.alignments, self.flats, self.plain = {}, {}, {}, {}

    # Despecialization: what is left are scalars, strings, flags, records, variants and lists.

    def despecialize(self, t):
        """('record', (type, …)), ('variant', (type or None, …)), ('list', type, length or None), ('flags',
        labels), (handle, element) or a kind alone. A type is an index, or such a tuple."""
        if isinstance(t, tuple):
            return t
        if t not in self.plain:
            self.plain[t] = self.despecialized(self.types[t])
        return self.plain[t]

    @staticmethod
    def despecialized(one):
        def some(index):
            return None if index == NONE else index
        kind = one['kind']
        members = tuple(some(member['type']) for member in one['members'])
        if kind in ('record', 'tuple', 'func'):
            return ('record', members)
        if kind == 'variant':
            return ('variant', members)
        if kind == 'enum':
            return ('variant', (None,) * len(members))
        if kind == 'option':
            return ('variant', (None, one['element']))
        if kind == 'result':
            return ('variant', (some(one['element']), some(one['key'])))
        if kind == 'list':
            return ('list', one['element'], None)
        if kind == 'fixed_length_list':
            return ('list', one['element'], one['length'])
        if kind == 'map':
            return ('list', ('record', (one['key'], one['element'])), None)
        if kind == 'flags':
            return ('flags', len(members))
        if kind in HANDLES:
            return (kind, one['element'])
        return (kind,)

    # Alignment

    def alignment(self, t):
        if t not in self.alignments:
            self.alignments[t] = self.alignment_of(self.despecialize(t))
        return self.alignments[t]

    def alignment_of(self, t):
        kind = t[0]
        if kind == 'string' or (kind == 'list' and t[2] is None):
            return self.pointer_size
        if kind == 'list':
            return self.alignment(t[1])
        if kind == 'record':
            return max([1] + [self.alignment(field) for field in t[1]])
        if kind == 'variant':
            return max(self.discriminant_size(t[1]), self.max_case_alignment(t[1]))
        if kind == 'flags':
            return self.flags_size(t[1])
        return INTEGERS.get(kind) or FLOATS[kind]

    @staticmethod
    def discriminant_size(cases):
        return 1 if len(cases) <= 2 ** 8 else 2 if len(cases) <= 2 ** 16 else 4

    def max_case_alignment(self, cases):
        return max([1] + [self.alignment(case) for case in cases if case is not None])

    @staticmethod
    def flags_size(labels):
        return 1 if labels <= 8 else 2 if labels <= 16 else 4

    # Element size

    def size(self, t):
        if t not in self.sizes:
            self.sizes[t] = self.size_of(self.despecialize(t))
        return self.sizes[t]

    def size_of(self, t):
        kind = t[0]
        if kind == 'string' or (kind == 'list' and t[2] is None):
            return 2 * self.pointer_size
        if kind == 'list':
            return t[2] * self.size(t[1])
        if kind == 'record':
            size = 0
            for field in t[1]:
                size = align_to(size, self.alignment(field)) + self.size(field)
            return align_to(size, self.alignment_of(t))
        if kind == 'variant':
            size = align_to(self.discriminant_size(t[1]), self.max_case_alignment(t[1]))
            size += max([0] + [self.size(case) for case in t[1] if case is not None])
            return align_to(size, self.alignment_of(t))
        if kind == 'flags':
            return self.flags_size(t[1])
        return INTEGERS.get(kind) or FLOATS[kind]

    # Flattening

    def flatten(self, t):
        if t not in self.flats:
            self.flats[t] = self.flatten_of(self.despecialize(t))
        return self.flats[t]

    def flatten_of(self, t):
        kind = t[0]
        if kind == 'string' or (kind == 'list' and t[2] is None):
            return [self.pointer, self.pointer]
        if kind == 'list':
            return self.flatten(t[1]) * t[2]
        if kind == 'record':
            return [core for field in t[1] for core in self.flatten(field)]
        if kind == 'variant':
            flat = []
            for case in t[1]:
                for i, core in enumerate([] if case is None else self.flatten(case)):
                    if i < len(flat):
                        flat[i] = join(flat[i], core)
                    else:
                        flat.append(core)
            return ['i32'] + flat
        if kind in FLOATS:
            return [kind]
        return ['i64' if kind in ('s64', 'u64') else 'i32']


def join(a, b):
    if a == b:
        return a
    if {a, b} == {'i32', 'f32'}:
        return 'i32'
    return 'i64'
