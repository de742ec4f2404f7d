"""Lowering, section by section of CanonicalABI.md: "Storing" and "Flat Lowering".

Floats are their bits everywhere, so that a NaN keeps them. `guest` has `realloc(old, old_size,
alignment, new_size)`, which gives an address, and `write(address, bytes)`.
"""

from abi import FLOATS, align_to, trap_if


class Lowering:
    def __init__(self, abi, guest, source, compact):
        self.abi = abi
        self.guest = guest
        self.source = source      # encoding of whom the strings come from
        self.compact = compact    # a latin1+utf16 source has Latin-1 where it can

    # Storing

    def store(self, value, t, address):
        abi = self.abi
        plain = abi.despecialize(t)
        kind = plain[0]
        if kind == 'string' or (kind == 'list' and plain[2] is None):
            begin, length = self.pointed(value, plain)
            self.store_int(begin, address, abi.pointer_size)
            self.store_int(length, address + abi.pointer_size, abi.pointer_size)
        elif kind == 'list':
            self.store_elements(value, plain[1], address)
        elif kind == 'record':
            for field, part in zip(plain[1], value, strict=True):
                address = align_to(address, abi.alignment(field))
                self.store(part, field, address)
                address += abi.size(field)
        elif kind == 'variant':
            index, payload = case_of(value)
            size = abi.discriminant_size(plain[1])
            self.store_int(index, address, size)
            if plain[1][index] is not None:
                self.store(payload, plain[1][index],
                           align_to(address + size, abi.max_case_alignment(plain[1])))
        else:
            self.store_int(value, address, abi.size(t))

    def store_int(self, value, address, size):
        self.guest.write(address, (int(value) % (1 << 8 * size)).to_bytes(size, 'little'))

    def pointed(self, value, plain):
        return self.string(value) if plain[0] == 'string' else self.list(value, plain[1])

    def list(self, value, element):
        size = len(value) * self.abi.size(element)
        address = self.allocate(self.abi.alignment(element), size)
        self.store_elements(value, element, address)
        return address, len(value)

    def store_elements(self, value, element, address):
        for i, part in enumerate(value):
            self.store(part, element, address + i * self.abi.size(element))

    def allocate(self, alignment, size):
        return self.reallocate(0, 0, alignment, size)

    def reallocate(self, old, old_size, alignment, size):
        address = self.guest.realloc(old, old_size, alignment, size)
        trap_if(address % alignment != 0, 'a block that is not aligned')
        return address

    # Strings: for each pair of encodings the steps of the specification.

    def string(self, text):
        source = self.source
        if source == 'latin1_utf16':
            fits = all(ord(c) < 0x100 for c in text)
            simple = 'latin1' if self.compact and fits else 'utf16'
        else:
            simple = source
        if simple == 'utf8':
            units = len(text.encode('utf-8'))
        elif simple == 'utf16':
            units = len(text.encode('utf-16-le')) // 2
        else:
            units = len(text)

        if self.abi.encoding == 'utf8':
            if simple == 'utf8':
                return self.copy(text.encode('utf-8'), units, 1)
            return self.to_utf8(text, units, units * (3 if simple == 'utf16' else 2))
        if self.abi.encoding == 'utf16':
            if simple == 'utf8':
                return self.utf8_to_utf16(text, units)
            return self.copy(text.encode('utf-16-le'), units, 2)
        if source != 'latin1_utf16':
            return self.to_latin1_or_utf16(text, units)
        if simple == 'latin1':
            return self.copy(text.encode('latin-1'), units, 2)
        return self.probably_utf16(text, units)

    def copy(self, encoded, units, alignment):
        address = self.allocate(alignment, len(encoded))
        self.guest.write(address, encoded)
        return address, units

    def to_utf8(self, text, units, worst):
        address = self.allocate(1, units)
        encoded = text.encode('utf-8')
        for i, c in enumerate(text):
            if ord(c) < 0x80:
                self.guest.write(address + i, bytes([ord(c)]))
                continue
            address = self.reallocate(address, units, 1, worst)
            self.guest.write(address + i, encoded[i:])
            if worst > len(encoded):
                address = self.reallocate(address, worst, 1, len(encoded))
            return address, len(encoded)
        return address, units

    def utf8_to_utf16(self, text, units):
        worst = 2 * units
        address = self.allocate(2, worst)
        encoded = text.encode('utf-16-le')
        self.guest.write(address, encoded)
        if len(encoded) < worst:
            address = self.reallocate(address, worst, 2, len(encoded))
        return address, len(encoded) // 2

    def to_latin1_or_utf16(self, text, units):
        address = self.allocate(2, units)
        done = 0
        for c in text:
            if ord(c) < 0x100:
                self.guest.write(address + done, bytes([ord(c)]))
                done += 1
                continue
            worst = 2 * units
            address = self.reallocate(address, units, 2, worst)
            encoded = text.encode('utf-16-le')
            for i in range(done - 1, -1, -1):
                self.guest.write(address + 2 * i, encoded[2 * i:2 * i + 2])
            self.guest.write(address + 2 * done, encoded[2 * done:])
            if worst > len(encoded):
                address = self.reallocate(address, worst, 2, len(encoded))
            return address, len(encoded) // 2 | self.abi.tag
        if done < units:
            address = self.reallocate(address, units, 2, done)
        return address, done

    def probably_utf16(self, text, units):
        encoded = text.encode('utf-16-le')
        address = self.allocate(2, len(encoded))
        self.guest.write(address, encoded)
        if any(ord(c) >= 0x100 for c in text):
            return address, units | self.abi.tag
        for i, c in enumerate(text):
            self.guest.write(address + i, bytes([ord(c)]))
        address = self.reallocate(address, len(encoded), 1, len(text))
        return address, len(text)

    # Flat lowering

    def flat(self, value, t):
        abi = self.abi
        plain = abi.despecialize(t)
        kind = plain[0]
        if kind == 'string' or (kind == 'list' and plain[2] is None):
            return list(self.pointed(value, plain))
        if kind == 'list':
            return [core for part in value for core in self.flat(part, plain[1])]
        if kind == 'record':
            return [core for field, part in zip(plain[1], value, strict=True)
                    for core in self.flat(part, field)]
        if kind == 'variant':
            index, payload = case_of(value)
            slots = abi.flatten_of(plain)
            case = plain[1][index]
            cores = [index] + ([] if case is None else self.flat(payload, case))
            return cores + [0] * (len(slots) - len(cores))
        if kind in FLOATS:
            return [value]
        return [int(value) % (1 << (64 if kind in ('s64', 'u64') else 32))]


def case_of(value):
    """An enum's value is its index; that of other variants a list of index and payload."""
    if isinstance(value, int):
        return value, None
    return value[0], value[1] if len(value) > 1 else None
