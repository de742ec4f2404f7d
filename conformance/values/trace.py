"""A trace, as its canonical JSON says it (spec/json.md): definitions and events as they stand there,
with payloads as bytes and 64-bit numbers as numbers.
"""

import json

from abi import NONE

WIDTHS = {'i32': 4, 'f32': 4, 'i64': 8, 'f64': 8, 'v128': 16}


class Illegal(Exception):
    """No engine that follows the specification makes such a trace."""

    def __init__(self, event, why):
        super().__init__(f"event {event['sequence']}, {event['kind']}: {why}" if event else why)
        self.why = why


class Unjudged(Exception):
    """A trace has something that is not judged here: it may be legal or not."""


class Trace:
    def __init__(self, lines):
        self.info, self.events = None, []
        self.types, self.functions, self.memories, self.instances = [], [], [], []
        kept = {'type': self.types, 'function': self.functions, 'memory': self.memories,
                'instance': self.instances, 'event': self.events}
        for line in lines:
            (name, what), = json.loads(line).items()
            if name == 'trace_info':
                self.info = what
            elif name in kept:
                kept[name].append(what)
        for event in self.events:
            event['payload'] = bytes.fromhex(event['payload'])
            event['detail'] = int(event['detail'])
            event['sequence'] = int(event['sequence'])
        self.quirks = set(self.info['quirks'])

    def pointer(self, function):
        memory = function['options']['memory']
        return 'i32' if memory == NONE else self.memories[memory]['index_type']


def cores(event, types):
    """Core values of an event, as numbers without sign; None where they were left out."""
    if event['flags']:
        return None
    values, at = [], 0
    for core in types:
        values.append(int.from_bytes(event['payload'][at:at + WIDTHS[core]], 'little'))
        at += WIDTHS[core]
    if at != len(event['payload']):
        raise Illegal(event, f'{at} bytes of core values expected')
    return values
