"""Lifting, section by section of CanonicalABI.md: "Loading" and "Flat Lifting".

Floats are their bits everywhere. `memory` has `read(address, size)`, which gives bytes or traps.
"""

from abi import FLOATS, Trap, align_to, trap_if

LARGEST = (1 << 28) - 1
SIGNED = ('s8', 's16', 's32', 's64')


class Lifting:
    def __init__(self, abi, memory):
        self.abi = abi
        self.memory = memory

    # Loading

    def load(self, t, address):
        abi = self.abi
        trap_if(address % abi.alignment(t) != 0, 'a place that is not aligned')
        plain = abi.despecialize(t)
        kind = plain[0]
        if kind == 'string' or (kind == 'list' and plain[2] is None):
            begin = self.load_int(address, abi.pointer_size)
            length = self.load_int(address + abi.pointer_size, abi.pointer_size)
            return self.pointed(t, plain, begin, length)
        if kind == 'list':
            return self.elements(plain[1], address, plain[2])
        if kind == 'record':
            parts = []
            for field in plain[1]:
                address = align_to(address, abi.alignment(field))
                parts.append(self.load(field, address))
                address += abi.size(field)
            return parts
        if kind == 'variant':
            size = abi.discriminant_size(plain[1])
            index = self.load_int(address, size)
            trap_if(index >= len(plain[1]), 'a discriminant')
            case = plain[1][index]
            payload = None if case is None else self.load(
                case, align_to(address + size, abi.max_case_alignment(plain[1])))
            return self.case(t, index, case, payload)
        return self.scalar(plain, self.load_int(address, abi.size(t)))

    def load_int(self, address, size):
        return int.from_bytes(self.memory.read(address, size), 'little')

    def scalar(self, plain, number):
        """A number of any width as a value: its low bits count."""
        kind = plain[0]
        if kind == 'bool':
            return number % (1 << 32) != 0
        if kind == 'flags':
            return number % (1 << plain[1])
        if kind == 'char':
            number %= 1 << 32
            trap_if(number >= 0x110000 or 0xD800 <= number <= 0xDFFF, 'a char')
            return number
        width = 8 * self.abi.size_of(plain)
        number %= 1 << width
        return number - (1 << width) if kind in SIGNED and number >> (width - 1) else number

    def case(self, t, index, case, payload):
        if not isinstance(t, tuple) and self.abi.types[t]['kind'] == 'enum':
            return index
        return [index] if case is None else [index, payload]

    def pointed(self, t, plain, begin, length):
        if plain[0] == 'string':
            return self.string(begin, length)
        size = self.abi.size(plain[1])
        trap_if(length * size > LARGEST, 'a list that is too long')
        trap_if(begin % self.abi.alignment(plain[1]) != 0, 'a list that is not aligned')
        return self.elements(plain[1], begin, length)

    def elements(self, element, address, count):
        return [self.load(element, address + i * self.abi.size(element)) for i in range(count)]

    def string(self, begin, length):
        encoding = self.abi.encoding
        size, codec = length, 'utf-8'
        if encoding == 'utf16' or (encoding == 'latin1_utf16' and length & self.abi.tag):
            size, codec = 2 * (length if encoding == 'utf16' else length ^ self.abi.tag), 'utf-16-le'
        elif encoding == 'latin1_utf16':
            codec = 'latin-1'
        trap_if(size > LARGEST, 'a string that is too long')
        trap_if(encoding != 'utf8' and begin % 2 != 0, 'a string that is not aligned')
        try:
            return bytes(self.memory.read(begin, size)).decode(codec) if size else ''
        except UnicodeError:
            raise Trap('a string that is not well formed') from None

    # Flat lifting

    def flat(self, t, cores):
        """Takes the value off a list of core values, from its front."""
        abi = self.abi
        plain = abi.despecialize(t)
        kind = plain[0]
        if kind == 'string' or (kind == 'list' and plain[2] is None):
            begin, length = (cores.pop(0) % (1 << 8 * abi.pointer_size) for _ in range(2))
            return self.pointed(t, plain, begin, length)
        if kind == 'list':
            return [self.flat(plain[1], cores) for _ in range(plain[2])]
        if kind == 'record':
            return [self.flat(field, cores) for field in plain[1]]
        if kind == 'variant':
            end = len(cores) - len(abi.flatten_of(plain))
            index = cores.pop(0) % (1 << 32)
            trap_if(index >= len(plain[1]), 'a discriminant')
            case = plain[1][index]
            payload = None if case is None else self.flat(case, cores)
            del cores[:len(cores) - end]
            return self.case(t, index, case, payload)
        if kind in FLOATS:
            return cores.pop(0) % (1 << 8 * FLOATS[kind])
        return self.scalar(plain, cores.pop(0))
