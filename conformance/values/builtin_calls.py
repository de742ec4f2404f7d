"""Calls of built-ins: what has to hold at the call, and what the result has to be. The tables of handles
are those of `tables.py`.
"""

from abi import NONE, trap_if
from trace import Illegal, Unjudged


class BuiltinCalls:
    """The part of the judge that knows built-ins."""

    def destroy(self, event, function, representation):
        key = function['immediates']['type'], representation
        if not self.tables.representations.get(key):
            raise Illegal(event, f'{representation} represents no resource that lives')
        self.tables.destroy(*key)
        self.destroyed = key

    def builtin(self, function, call, params):
        name, task = function['builtin'], self.tasks[-1]
        self.destroyed = None
        if name.startswith('context.'):
            return self.context(name, task, function['immediates']['slot'], params)
        if name in ('backpressure.inc', 'backpressure.dec'):
            return []
        if name == 'error-context.new':
            self.guest_lifting(function, call).pointed(None, ('string',), *params)
        if name in ('stream.read', 'stream.write', 'future.read', 'future.write'):
            self.buffer(function, params)
        return self.tables.call(function, call, params)

    def context(self, name, task, slot, params):
        """A realloc has slots of its own, but engines let it have those of the call around."""
        inner = self.reallocs[-1] if self.reallocs else task.storage
        if name == 'context.set':
            inner[slot] = params[0]
            if inner is not task.storage:
                task.shared[slot] = params[0]
            else:
                task.shared.pop(slot, None)
            return []
        return ('one of', {inner.get(slot, 0), task.storage.get(slot, 0), task.shared.get(slot, inner.get(slot, 0))})

    def buffer(self, function, params):
        element = function['immediates']['type']
        length = params[2] if len(params) > 2 else 1
        if element == NONE or length == 0:
            return
        abi = self.abi(function)
        trap_if(params[1] % abi.alignment(element) != 0, 'a buffer that is not aligned')
        trap_if(params[1] + length * abi.size(element) > 1 << 8 * abi.pointer_size, 'a buffer outside of memory')

    def builtin_result(self, event, function, call, params, steps, flat, expected):
        name = function['builtin']
        resource = function['immediates']['type']
        if name == 'error-context.debug-message':
            self.message(event, steps, function)
            return
        if isinstance(expected, tuple) and expected[0] == 'event':
            self.waitable_event(event, steps, flat, expected[1])
            return
        if isinstance(expected, tuple) and expected[0] == 'one of':
            expected = flat if flat[0] in expected[1] else sorted(expected[1])
        if isinstance(expected, tuple) and expected[0] == 'rep':
            handle = expected[2]
            if not self.tables.representations.get((resource, flat[0])):
                raise Illegal(event, f'{flat[0]} represents no resource that lives')
            handle.rep = flat[0]
            expected = None
        if isinstance(expected, tuple) and expected[0] == 'copied':
            self.copied(event, steps, function, expected)
            expected = expected[3]
        else:
            self.nothing_lowered(event, steps)
        if expected is not None and expected != flat:
            raise Illegal(event, f'{expected} is what {name} gives')
        if name == 'resource.drop' and call.dropped:
            self.dropped(event, resource, call.dropped)

    def dropped(self, event, resource, handle):
        if handle == 'unknown':
            return
        if resource in self.tables.destructors:
            if self.destroyed is None or self.destroyed[0] != resource:
                raise Illegal(event, 'no destructor was called')
            if handle.rep not in (None, self.destroyed[1]):
                raise Illegal(event, 'the destructor of another one was called')
        elif handle.rep is not None:
            self.tables.representations[resource, handle.rep] -= 1
        self.destroyed = None

    def message(self, event, steps, function):
        """Any string: the host may have changed it."""
        types = self.trace.types
        string = next((t['id'] for t in types if t['kind'] == 'string'), None)
        if string is None:
            raise Unjudged('a string without a type')
        self.lowered(event, steps, string, None, function, None)

    def waitable_event(self, event, steps, flat, waitables):
        steps.finish()
        if steps.blocks or steps.area.known.count(1) != 8:
            raise Illegal(event, 'not the eight bytes of an event')
        found = flat[0], steps.area.content[:4], steps.area.content[4:]
        ready = [end for end in waitables.elements if end.pending is not None]
        for end in ready:
            if end.code == flat[0] and end.index == int.from_bytes(found[1], 'little'):
                if end.take_event() == int.from_bytes(found[2], 'little'):
                    return
        if ready or flat[0] != 0 or any(steps.area.content):
            raise Illegal(event, 'no event of the set')

    def copied(self, event, steps, function, expected):
        _, end, count, _ = expected
        steps.finish()
        if steps.blocks or (steps.area and steps.area.known.count(1) != steps.area.size):
            raise Illegal(event, 'not the elements of the copy')
