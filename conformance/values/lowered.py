"""What a host lowered into a guest: whether the recorded `realloc`s, writes and core values are those of
some lowering of some value, as CanonicalABI.md says it step by step.

The value is lifted from what was written, and lowered again with every encoding that its strings can
come from; `realloc` gives what the guest gave in the trace.
"""

from abi import FLOATS, HANDLES, Trap
from image import Image
from lift import Lifting
from lower import Lowering
from trace import Illegal

# Encodings that a string can come from, and whether a latin1+utf16 one is Latin-1 where it can be.
SOURCES = (('utf8', True), ('utf16', True), ('latin1_utf16', True), ('latin1_utf16', False))
LARGEST = 1 << 24  # bytes of a block that is looked at
CANONICAL_NANS = {4: 0x7fc00000, 8: 0x7ff8000000000000}


class Anything:
    """Stands for the address of an empty string that has no block."""


ANYTHING = Anything()


class Block:
    """What `realloc` gave, or an area that the guest gave. `content` and `known` are what the trace says
    of it when it was last the host's; `expected` and `written` what the lowering puts there."""

    def __init__(self, address, size, arguments=None, before=None):
        self.address, self.size = address, size
        self.arguments = arguments  # of the realloc: old, old_size, alignment, new_size
        self.before = before        # the block that moved
        self.live = True
        self.over = False           # another block was put over it,
        self.covered = False        # and what it had is still to be saved
        self.content, self.known = b'', b''
        self.expected, self.written = None, None

    def begin(self):
        """`realloc` gives it to the lowering that is done again: what moved comes along."""
        self.expected, self.written = bytearray(self.size), bytearray(self.size)
        if self.before:
            kept = min(self.size, self.before.size)
            self.expected[:kept] = self.before.expected[:kept]
            self.written[:kept] = self.before.written[:kept]

    def holds(self, address, size):
        return self.address <= address and address + size <= self.address + self.size

    def overlaps(self, other):
        return (self.address < other.address + other.size and other.address < self.address + self.size
                and self.size != 0 and other.size != 0)


class Steps:
    """The recorded steps of one lowering, in order."""

    def __init__(self, abi, area=None):
        self.abi = abi
        self.image = Image()
        self.area = area      # Block: the result area
        if area:
            area.begin()
        self.blocks = []      # of each realloc, in order
        self.exact = []       # (block, offset, size) of what was exactly written
        self.trapped = False  # a realloc gave what makes the lowering trap

    def live(self):
        return [block for block in self.blocks if block.live] + ([self.area] if self.area else [])

    def save(self, block):
        if block.size > LARGEST:
            return  # nothing that is lifted is as long
        block.content, block.known = self.image.read(block.address, block.size)

    def lower(self, event):
        address, content = event['detail'], event['payload']
        at, end = address, address + len(content)
        homes = sorted((home for home in self.live() if home.size), key=lambda home: home.address)
        for home in homes:
            if home.address <= at < home.address + home.size:
                if 'snapshot' not in event['flags']:
                    size = min(end, home.address + home.size) - at
                    self.exact.append((event, home, at - home.address, size))
                at = home.address + home.size
        if at < end:
            raise Illegal(event, 'bytes outside of the blocks and the area of this lowering')
        self.image.write(address, content)
        for block in self.blocks:
            if block.covered and (block.address, block.size) == (address, len(content)):
                block.content, block.known = content, b'\1' * len(content)
                block.covered = False

    def realloc(self, event, arguments, address):
        """`address` is None where the guest did not return."""
        old, old_size, alignment, size = arguments
        before = None
        if (old, old_size) != (0, 0):
            before = next((block for block in reversed(self.blocks)
                           if block.live and (block.address, block.size) == (old, old_size)), None)
            if before is None:
                raise Illegal(event, 'an old block that is none of this lowering')
            self.save(before)
            before.live = False
        if alignment not in (1, 2, 4, 8):
            raise Illegal(event, 'an alignment that no type has')
        if address is None:
            self.trapped = True
            return
        block = Block(address, size, arguments, before)
        if address % alignment or address + size > 1 << 8 * self.abi.pointer_size:
            self.trapped = True
            self.blocks.append(block)
            return
        for other in self.blocks:
            if other.live and other.overlaps(block):
                self.save(other)
                other.over, other.covered = True, 0 in other.known
        self.image.forget(address, size)
        if before:
            kept = min(size, before.size)
            self.image.write(address, before.content[:kept], before.known[:kept])
        self.blocks.append(block)

    def finish(self):
        """Every block that lives has what the trace says of it at the end, but those that another one
        was put over: they have what they had then."""
        for block in self.blocks:
            if block.live and not block.over:
                self.save(block)
        if self.area:
            self.save(self.area)

    def chains(self):
        """The blocks of each string or list: the last is where it is."""
        ends = []
        for block in self.blocks:
            if block.before is None:
                ends.append([block])
            else:
                next(chain for chain in ends if chain[-1] is block.before).append(block)
        return ends


class HostLifting(Lifting):
    """Lifts what a host lowered: each string and list is in the next block."""

    def __init__(self, abi, steps, event, handle, quirks):
        super().__init__(abi, self)
        self.steps = steps
        self.chains = steps.chains()
        self.next = 0
        self.homes = []     # blocks that are being read, the innermost last
        self.event = event  # to name in what is wrong
        self.handle = handle
        self.quirks = quirks

    def read(self, address, size):
        home = next((home for home in reversed(self.homes) if home.holds(address, size)), None)
        if home is None:
            raise Illegal(self.event, f'{size} bytes at {address} are in no block that holds them')
        at = address - home.address
        if home.known.count(1, at, at + size) != size:
            raise Illegal(self.event, f'not all of {size} bytes at {address} were written')
        return bytes(home.content[at:at + size])

    def in_block(self, block, lift):
        self.homes.append(block)
        value = lift()
        self.homes.pop()
        return value

    def pointed(self, t, plain, begin, length):
        chain = self.chains[self.next] if self.next < len(self.chains) else None
        if (plain[0] == 'string' and length == 0 and 'empty_string_without_realloc' in self.quirks
                and (chain is None or chain[-1].address != begin or chain[-1].size != 0)):
            return ''
        if chain is None or chain[-1].address != begin:
            raise Illegal(self.event, f'address {begin} is not that of the next block')
        self.next += 1
        size = self.units(length) if plain[0] == 'string' else length * self.abi.size(plain[1])
        if size != chain[-1].size:
            raise Illegal(self.event, f'a block of {chain[-1].size} bytes for {size}')
        return self.in_block(chain[-1], lambda: Lifting.pointed(self, t, plain, begin, length))

    def units(self, length):
        if self.abi.encoding == 'utf16':
            return 2 * length
        tagged = self.abi.encoding == 'latin1_utf16' and length & self.abi.tag
        return 2 * (length ^ self.abi.tag) if tagged else length

    def scalar(self, plain, number):
        if plain[0] in HANDLES:
            self.handle(plain, number % (1 << 32))
        return Lifting.scalar(self, plain, number)


class Mismatch(Exception):
    pass


class Again:
    """The guest of a lowering that is done again: `realloc` gives what it gave."""

    def __init__(self, steps, event):
        self.steps, self.event = steps, event
        self.next = 0
        self.dry = False

    def realloc(self, *arguments):
        blocks = self.steps.blocks
        if self.next == len(blocks) or blocks[self.next].arguments != arguments:
            found = blocks[self.next].arguments if self.next < len(blocks) else 'none'
            raise Mismatch(f'realloc{arguments} expected, {found} found')
        block = blocks[self.next]
        if not self.dry:
            block.begin()
        self.next += 1
        return block.address

    def write(self, address, content):
        if self.dry or not content:
            return
        home, at = self.home(address, len(content))
        home.expected[at:at + len(content)] = content
        home.written[at:at + len(content)] = b'\1' * len(content)

    def keep(self, address, size):
        """Whatever the trace has there is what was written."""
        if self.dry:
            return
        home, at = self.home(address, size)
        found = bytes(home.content[at:at + size])
        home.expected[at:at + len(found)] = found
        home.written[at:at + size] = b'\1' * size

    def home(self, address, size):
        homes = self.steps.blocks[self.next - 1::-1] if self.next else []
        home = next((home for home in [*homes, *([self.steps.area] if self.steps.area else [])]
                     if home.holds(address, size)), None)
        if home is None:
            raise Illegal(self.event, f'{size} bytes at {address} are in no block')
        return home, address - home.address


class LoweringAgain(Lowering):
    def __init__(self, abi, again, quirks, nan):
        super().__init__(abi, again, 'utf8', True)
        self.quirks, self.nan = quirks, nan

    def string(self, text):
        tried = []
        for self.source, self.compact in SOURCES:
            start, self.guest.dry = self.guest.next, True
            try:
                Lowering.string(self, text)
            except Mismatch as mismatch:
                tried.append(str(mismatch))
                continue
            finally:
                self.guest.next, self.guest.dry = start, False
            return Lowering.string(self, text)
        if text == '' and 'empty_string_without_realloc' in self.quirks:
            return ANYTHING, 0
        raise Mismatch(tried[0])

    def store_int(self, value, address, size):
        if value is ANYTHING:
            self.guest.keep(address, size)
        else:
            Lowering.store_int(self, value, address, size)

    def store(self, value, t, address):
        self.check_nan(value, t)
        Lowering.store(self, value, t, address)

    def flat(self, value, t):
        self.check_nan(value, t)
        return Lowering.flat(self, value, t)

    def check_nan(self, value, t):
        plain = self.abi.despecialize(t)
        if self.nan == 'canonical' and plain[0] in FLOATS:
            size = FLOATS[plain[0]]
            exponent = 0x7f800000 if size == 4 else 0x7ff0000000000000
            if value % (1 << 8 * size - 1) > exponent and value != CANONICAL_NANS[size]:
                raise Mismatch('a NaN that is not canonical')


def judge(steps, event, t, flat, handle, quirks, nan):
    """`t` is the type of what was lowered, all in one; `flat` the core values that the guest got, or None
    where it is in the area. `handle` is called with each handle, in their order."""
    abi = steps.abi
    steps.finish()
    lifting = HostLifting(abi, steps, event, handle, quirks)
    again = Again(steps, event)
    lowering = LoweringAgain(abi, again, quirks, nan)
    in_memory = flat is not None and len(abi.flatten(t)) > 16
    try:
        if flat is None:
            value = lifting.in_block(steps.area, lambda: lifting.load(t, steps.area.address))
            lowering.store(value, t, steps.area.address)
        elif in_memory:
            block = lifting.chains[0][-1] if lifting.chains else None
            if block is None or block.address != flat[0]:
                raise Illegal(event, 'the parameters are in no block')
            lifting.next = 1
            value = lifting.in_block(block, lambda: lifting.load(t, block.address))
            lowering.store(value, t, lowering.allocate(abi.alignment(t), abi.size(t)))
        else:
            value = lifting.flat(t, list(flat))
            cores = lowering.flat(value, t)
            for i, (core, found) in enumerate(zip(cores, flat, strict=True)):
                if core is not ANYTHING and core != found:
                    raise Illegal(event, f'core value {i} is {core}, found {found}')
    except (Mismatch, Trap) as wrong:
        raise Illegal(event, f'what no lowering gives: {wrong}') from None
    if again.next != len(steps.blocks):
        raise Illegal(event, 'a realloc that no lowering of the value makes')
    compare(steps, event)
    return value


def compare(steps, event):
    for block in [*steps.blocks, *([steps.area] if steps.area else [])]:
        if bytes(block.content) == bytes(block.expected) and block.known.count(1) == block.size:
            continue
        for i in range(block.size):
            if not block.written[i]:
                continue
            if i < len(block.known) and block.known[i]:
                if block.content[i] != block.expected[i]:
                    where = '' if block.live else ', in a block that moved'
                    raise Illegal(event, f'byte {block.address + i} is not what a lowering writes{where}')
            elif block.live:
                raise Illegal(event, f'byte {block.address + i} was not written')
    for lower, block, at, size in steps.exact:
        if block.written.count(1, at, at + size) != size:
            raise Illegal(lower, 'bytes that no lowering writes')
