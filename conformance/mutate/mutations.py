"""Single mutations of a trace: each changes one thing of one event, or the order of events.

`events` are those of canonical JSON (spec/json.md), with payloads as hexadecimal digits. A mutation gives a
new list and says in words what it did, or None where there is nothing to change.
"""

import copy
import itertools

PIECE = 65536  # piece_size
WIDTHS = {'i32': 4, 'f32': 4, 'i64': 8, 'f64': 8}
REALLOC = ('old pointer', 'old size', 'alignment', 'new size')


def numbered(events, first=0):
    """Writes the numbers anew; times stay where they stand."""
    sequence = first
    for event in events:
        event['sequence'] = str(sequence)
        sequence += max(1, -(-len(event['payload']) // 2 // PIECE))
    return events


def changed(events, at, **members):
    new = list(events)
    new[at] = {**copy.deepcopy(events[at]), **members}
    return new


def near(random, value, width):
    """Another number, of those that go wrong easily."""
    limit = 1 << 8 * width
    return random.choice([value + 1, value - 1, value + 2, value - 4, value + 8, value ^ 1 << random.randrange(8 * width),
                          0, 1, 2, limit - 1, limit // 2, random.randrange(limit), random.randrange(300)]) % limit


def bit(random, functions, events, at):
    payload = bytearray.fromhex(events[at]['payload'])
    if not payload:
        return None
    i, turned = random.randrange(len(payload)), random.randrange(8)
    payload[i] ^= 1 << turned
    return changed(events, at, payload=payload.hex()), f'bit {turned} of byte {i} of the payload turned'


def byte(random, functions, events, at):
    payload = bytearray.fromhex(events[at]['payload'])
    if not payload:
        return None
    i, value = random.randrange(len(payload)), random.choice([0, 1, 0x20, 0x41, 0x7f, 0x80, 0xc3, 0xd8, 0xff, random.randrange(256)])
    before, payload[i] = payload[i], value
    return changed(events, at, payload=payload.hex()), f'byte {i} of the payload {before} to {value}'


def cores(function, kind):
    return {'export_enter': 'core_params', 'import_call': 'core_params', 'realloc_call': 'core_params',
            'export_result': 'core_results', 'import_result': 'core_results',
            'realloc_result': 'core_results'}.get(kind) and function[
        'core_results' if kind.endswith('_result') else 'core_params']


def core(random, functions, events, at):
    """A core value: a number, pointer, size, alignment or handle."""
    event = events[at]
    kind = event['kind']
    types = cores(functions[event['subject']], kind) if kind in (
        'export_enter', 'import_call', 'realloc_call', 'export_result', 'import_result', 'realloc_result') else None
    if not types or event['flags']:
        return None
    i = random.randrange(len(types))
    begin = 2 * sum(WIDTHS[t] for t in types[:i])
    width = WIDTHS[types[i]]
    payload = event['payload']
    before = int.from_bytes(bytes.fromhex(payload[begin:begin + 2 * width]), 'little')
    value = near(random, before, width)
    payload = payload[:begin] + value.to_bytes(width, 'little').hex() + payload[begin + 2 * width:]
    name = REALLOC[i] if kind == 'realloc_call' and len(types) == 4 else f'core value {i}'
    return changed(events, at, payload=payload), f'{name} {before} to {value}'


def address(random, functions, events, at):
    if events[at]['kind'] not in ('lower', 'lift'):
        return None
    before = int(events[at]['detail'])
    value = near(random, before, 4)
    return changed(events, at, detail=str(value)), f'address {before} to {value}'


def size(random, functions, events, at):
    if events[at]['kind'] not in ('lower', 'lift'):
        return None
    payload = events[at]['payload']
    if payload and random.randrange(2):
        return changed(events, at, payload=payload[:-2]), 'one byte less'
    return changed(events, at, payload=payload + '00'), 'one byte more'


def flag(random, functions, events, at):
    if events[at]['kind'] != 'lower':
        return None
    flags = [] if events[at]['flags'] else ['snapshot']
    return changed(events, at, flags=flags), f'flags {events[at]["flags"]} to {flags}'


def drop(random, functions, events, at):
    return events[:at] + events[at + 1:], 'dropped'


def duplicate(random, functions, events, at):
    return events[:at + 1] + [dict(events[at])] + events[at + 1:], 'twice'


def swap(random, functions, events, at):
    if at + 1 == len(events) or events[at] == events[at + 1]:
        return None
    first, second = dict(events[at]), dict(events[at + 1])
    first['time'], second['time'] = second['time'], first['time']
    return events[:at] + [second, first] + events[at + 2:], f'swapped with the {second["kind"]} behind it'


MUTATIONS = (bit, byte, core, core, core, address, size, flag, drop, duplicate, swap)


def mutate(random, functions, events):
    """(events, place, name, words) of one mutation that changes something."""
    places = {}
    for i, event in enumerate(events):
        places.setdefault(event['kind'], []).append(i)
    mutation = random.choice(MUTATIONS)
    for attempt in itertools.count(1):
        at = random.choice(places[random.choice(sorted(places))])
        if attempt % 100 == 0:
            mutation = random.choice(MUTATIONS)  # the trace has nothing for the one before
        done = mutation(random, functions, events, at)
        if done and done[0] != events:
            new = numbered([dict(event) for event in done[0]], int(events[0]['sequence']))
            return new, at, mutation.__name__, done[1]
