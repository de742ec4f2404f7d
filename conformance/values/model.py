#!/usr/bin/env python3
"""Lowers and lifts by the specification, for who wants to compare: a line of JSON in, a line out.

  {"op":"lower", "types":[…], "type":N, "pointer":"i32", "encoding":"utf8", "source":"utf16",
   "compact":true, "base":1024, "moves":true, "flat":true, "address":16, "value":…}
  -> {"flat":[…], "events":[…]}: what the host did, in order, each event either
     [address, "hex"], bytes written, or [old, old_size, alignment, new_size, address], a `realloc`

  {"op":"lift", "types":[…], "type":N, "pointer":"i32", "encoding":"utf8", "flat":[…] or null,
   "address":16, "memory":[[address, "hex"], …]}
  -> {"value":…} or {"trap":"why"}

`types` are those of canonical JSON; left out, they are those of the line before. Values: numbers,
booleans and strings; floats as their bits, a char as its number, flags as a number, lists, records
and tuples as arrays, a map as an array of [key, value], an enum as its index, other variants as
[index] or [index, payload], a handle as its number.
"""

import json
import sys

from abi import Abi, Trap, align_to
from lift import Lifting
from lower import Lowering


class Guest:
    """A memory whose `realloc` gives the next free bytes, at an even address: of an odd one a string
    that may be lowered cannot be lifted. A block that shrinks stays, unless every block moves."""

    def __init__(self, base, moves):
        self.next = base
        self.moves = moves
        self.events = []

    def realloc(self, old, old_size, alignment, new_size):
        if old_size and new_size <= old_size and not self.moves and old % alignment == 0:
            address = old
        else:
            address = align_to(self.next, max(alignment, 2))
            self.next = address + new_size + 1
        self.events.append([old, old_size, alignment, new_size, address])
        return address

    def write(self, address, content):
        if content:
            self.events.append([address, content.hex()])


class Memory:
    """Bytes that are known; to read others is a mistake of whoever asks."""

    def __init__(self, pieces):
        self.pieces = [(address, bytes.fromhex(digits)) for address, digits in pieces]

    def read(self, address, size):
        for begin, content in self.pieces:
            if begin <= address and address + size <= begin + len(content):
                return content[address - begin:address - begin + size]
        raise Trap(f'{size} bytes at {address} that are not known')


def answer(request):
    abi = Abi(request['types'], request['pointer'], request['encoding'])
    t = request['type']
    if request['op'] == 'lower':
        guest = Guest(request['base'], request['moves'])
        lowering = Lowering(abi, guest, request['source'], request['compact'])
        flat = []
        if request['flat']:
            flat = lowering.flat(request['value'], t)
        else:
            lowering.store(request['value'], t, request['address'])
        return {'flat': flat, 'events': guest.events}
    lifting = Lifting(abi, Memory(request['memory']))
    try:
        if request['flat'] is None:
            return {'value': lifting.load(t, request['address'])}
        return {'value': lifting.flat(t, list(request['flat']))}
    except Trap as trap:
        return {'trap': str(trap)}


def main():
    types = []
    for line in sys.stdin:
        request = json.loads(line)
        types = request.setdefault('types', types)
        sys.stdout.write(json.dumps(answer(request), separators=(',', ':')) + '\n')
        sys.stdout.flush()


if __name__ == '__main__':
    main()
