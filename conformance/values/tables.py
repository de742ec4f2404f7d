"""Tables of handles, and the built-ins that work on them: sections "Table State" to "Stream and Future
State", `lift_own` to `lower_borrow`, and "Canonical Built-ins" of CanonicalABI.md.

What lifts or takes handles raises Trap where the specification traps; a result that it does not give is
Illegal.
"""

from abi import NONE, Trap, trap_if
from trace import Illegal, Unjudged

BLOCKED = 0xffffffff
COMPLETED, DROPPED, CANCELLED = 0, 1, 2
LARGEST_BUFFER = (1 << 28) - 1
NUMBERS = ('u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'f32', 'f64')


class Table:
    def __init__(self):
        self.array, self.free = [None], []

    def get(self, i):
        trap_if(i >= len(self.array) or self.array[i] is None, f'no handle {i}')
        return self.array[i]

    def add(self, element):
        if self.free:
            i = self.free.pop()
            self.array[i] = element
            return i
        self.array.append(element)
        return len(self.array) - 1

    def remove(self, i):
        element = self.get(i)
        self.array[i] = None
        self.free.append(i)
        return element


class Handle:
    """Of a resource; `rep` is None where the trace does not tell."""

    def __init__(self, resource, rep, scope=None):
        self.resource, self.rep = resource, rep
        self.scope = scope  # a borrow: the task that it was lent to
        self.own = scope is None
        self.lends = 0
        self.outside = False  # an own that the host has, at the index that it had [handles_per_type]


class Call:
    """A task of the guest, or a call that it makes: what was lent for its time."""

    def __init__(self):
        self.borrows = 0
        self.lenders = []
        self.storage, self.shared = {}, {}  # context slots, and what a realloc put there
        self.dropped = None  # resource.drop: the handle


class WaitableSet:
    def __init__(self):
        self.elements = []


class ErrorContext:
    pass


class End:
    """Of a stream or future whose both ends are the guest's own."""

    def __init__(self, kind, readable, element):
        self.kind, self.readable, self.element = kind, readable, element
        self.state = 'idle'
        self.other, self.remain, self.progress, self.buffering = None, 0, 0, False
        self.pending = None  # progress of the event
        self.set = None
        self.index = 0
        self.code = {('stream', True): 2, ('stream', False): 3, ('future', True): 4, ('future', False): 5}[
            kind, readable]

    def join(self, waitables):
        if self.set:
            self.set.elements.remove(self)
        self.set = waitables
        if waitables:
            waitables.elements.append(self)

    def copy(self, length):
        """Gives the number of elements that came into the buffer at once."""
        self.state, self.remain, self.progress = 'copying', length, 0
        other = self.other
        if other is None:
            return 0
        if not other.buffering:
            self.buffering = True
        elif self.remain > 0 and other.remain > 0:
            trap_if(self.element not in NUMBERS, 'a copy inside of one instance')
            count = min(self.remain, other.remain)
            for end in (self, other):
                end.progress += count
                end.remain -= count
                end.pending = end.progress
            if other.remain == 0:
                other.buffering = False
            return count
        elif self.remain > 0 or (self.readable and other.remain == 0):
            other.pending, other.buffering, self.buffering = 0, False, True
        else:
            self.pending = 0
        return 0

    def take_event(self):
        progress, self.pending = self.pending, None
        self.buffering = False
        if self.kind == 'future' and progress == 1:
            self.state = 'done'
            return COMPLETED
        if self.other is None:
            self.state, result = 'done', DROPPED
        else:
            result = CANCELLED if self.state == 'cancelling' else COMPLETED
            self.state = 'idle'
        return result if self.kind == 'future' else result | progress << 4

    def drop(self):
        if self.other:
            other, self.other.other, self.other = self.other, None, None
            if other.state != 'done' and other.pending is None:
                other.pending = 0
        self.join(None)


class Tables:
    """Of all instances of a trace."""

    def __init__(self, trace):
        self.trace = trace
        self.per_type = 'handles_per_type' in trace.quirks
        self.tables = {}
        self.unknown = set()    # of which the guest handed something over that the trace does not hold
        self.definers, self.destructors = {}, {}
        self.representations = {}
        for function in trace.functions:
            resource = function['immediates']['type']
            if function['role'] == 'destructor':
                self.destructors[resource] = function['id']
            if function['role'] == 'destructor' or function['builtin'] in ('resource.new', 'resource.rep'):
                self.definers[resource] = function['instance']

    def key(self, instance, resource=None):
        return (instance, resource if self.per_type else None)

    def table(self, instance, resource=None):
        return self.tables.setdefault(self.key(instance, resource), Table())

    def lose(self, instance, resource=None):
        self.unknown.add(self.key(instance, resource))

    def is_unknown(self, instance, resource=None):
        return self.key(instance, resource) in self.unknown

    # Lifting and lowering

    def lift(self, call, instance, plain, index):
        kind, resource = plain
        if self.is_unknown(instance, resource if kind in ('own', 'borrow') else None):
            return
        if kind not in ('own', 'borrow'):
            raise Unjudged(f'a {kind} that the guest hands over')
        table = self.table(instance, resource)
        handle = table.get(index)
        self.check(handle, resource)
        if kind == 'own':
            if self.stays(instance, resource):
                handle.outside = True
            else:
                table.remove(index)
            trap_if(handle.lends != 0 or not handle.own, 'a handle that is lent, or borrowed')
        else:
            handle.lends += 1
            call.lenders.append(handle)

    @staticmethod
    def check(handle, resource):
        trap_if(not isinstance(handle, Handle) or handle.resource != resource, 'a handle of another type')
        trap_if(handle.outside, 'a handle that the host has')

    def stays(self, instance, resource):
        """With a table for each type, what the guest defines stays there while the host has it."""
        return self.per_type and self.definers.get(resource) == instance

    def lower(self, event, call, instance, plain, index):
        kind, resource = plain
        if kind not in ('own', 'borrow'):
            raise Unjudged(f'a {kind} that the host hands over')
        if kind == 'borrow' and self.definers.get(resource) == instance:
            if not self.representations.get((resource, index)):
                raise Illegal(event, f'{index} represents no resource that lives')
            return
        if self.is_unknown(instance, resource):
            return
        table = self.table(instance, resource)
        if kind == 'own' and self.stays(instance, resource):
            handle = table.array[index] if index < len(table.array) else None
            if handle is None or not handle.outside:
                raise Illegal(event, f'{index} is no handle that the host has')
            handle.outside = False
            return
        handle = Handle(resource, None, call if kind == 'borrow' else None)
        if kind == 'borrow':
            call.borrows += 1
        self.expect(event, table.add(handle), index)

    @staticmethod
    def expect(event, expected, found):
        if expected != found:
            raise Illegal(event, f'{expected} is what the specification gives, found {found}')

    @staticmethod
    def give_back(call):
        for handle in call.lenders:
            handle.lends -= 1
        call.lenders = []

    def destroy(self, resource, representation):
        """Its destructor is called."""
        self.representations[resource, representation] -= 1
        if self.per_type:
            table = self.table(self.definers[resource], resource)
            for i, handle in enumerate(table.array):
                if handle and handle.outside and handle.rep == representation:
                    table.remove(i)
                    return

    # Built-ins: what is done at the call, which may trap; what is expected as its result.

    def call(self, function, call, params):
        """Returns what judges the result, or None: it has none, or any."""
        name, instance = function['builtin'], function['instance']
        of = function['immediates']['type']
        if name.startswith('resource.'):
            return self.resource(name, instance, of, call, params)
        if self.per_type and self.is_unknown(instance):
            raise Unjudged('a table that is not known')
        if self.is_unknown(instance):
            return None
        table = self.table(instance)
        if name.startswith('waitable'):
            return self.waitables(name, table, params)
        if name.startswith('error-context.'):
            return self.error_context(name, table, params)
        kind, _, operation = name.partition('.')
        if kind not in ('stream', 'future'):
            raise Unjudged(f'the built-in {name}')
        return self.ends(kind, operation, function, table, params)

    def resource(self, name, instance, of, call, params):
        table = self.table(instance, of)
        if name == 'resource.new':
            handle = Handle(of, params[0])
            self.representations[of, params[0]] = self.representations.get((of, params[0]), 0) + 1
            return None if self.is_unknown(instance, of) else [table.add(handle)]
        if self.is_unknown(instance, of):
            call.dropped = name == 'resource.drop' and 'unknown' or None
            return None
        if name == 'resource.rep':
            handle = table.get(params[0])
            self.check(handle, of)
            return [handle.rep] if handle.rep is not None else ('rep', of, handle)
        if name == 'resource.drop':
            handle = table.remove(params[0])
            self.check(handle, of)
            trap_if(handle.lends != 0, 'a handle that is lent')
            if handle.own:
                call.dropped = handle
            else:
                handle.scope.borrows -= 1
            return []
        raise Unjudged(f'the built-in {name}')

    @staticmethod
    def waitables(name, table, params):
        if name == 'waitable-set.new':
            return [table.add(WaitableSet())]
        if name == 'waitable.join':
            waitable = table.get(params[0])
            trap_if(not isinstance(waitable, End), 'no waitable')
            waitables = None
            if params[1] != 0:
                waitables = table.get(params[1])
                trap_if(not isinstance(waitables, WaitableSet), 'no waitable set')
            waitable.join(waitables)
            return []
        waitables = table.remove(params[0]) if name == 'waitable-set.drop' else table.get(params[0])
        trap_if(not isinstance(waitables, WaitableSet), 'no waitable set')
        if name == 'waitable-set.drop':
            trap_if(waitables.elements, 'a waitable set that is not empty')
            return []
        if name in ('waitable-set.poll', 'waitable-set.wait'):
            return ('event', waitables)
        raise Unjudged(f'the built-in {name}')

    @staticmethod
    def error_context(name, table, params):
        if name == 'error-context.new':
            return [table.add(ErrorContext())]
        context = table.remove(params[0]) if name == 'error-context.drop' else table.get(params[0])
        trap_if(not isinstance(context, ErrorContext), 'no error context')
        return []

    def ends(self, kind, operation, function, table, params):
        types = self.trace.types
        stream = function['immediates']['type']  # the type of the elements
        if operation == 'new':
            element = None if stream == NONE else types[stream]['kind']
            readable, writable = End(kind, True, element), End(kind, False, element)
            readable.other, writable.other = writable, readable
            readable.type = writable.type = stream
            readable.index, writable.index = table.add(readable), table.add(writable)
            return [readable.index | writable.index << 32]
        is_readable = operation in ('read', 'cancel-read', 'drop-readable')
        end = table.remove(params[0]) if operation.startswith('drop') else table.get(params[0])
        trap_if(not isinstance(end, End) or (end.kind, end.readable) != (kind, is_readable), 'no such end')
        trap_if(end.type != stream, 'an end of another type')
        if operation in ('read', 'write'):
            return self.copy(end, function, params)
        if operation.startswith('cancel-'):
            trap_if(end.state != 'copying', 'no copy to cancel')
            trap_if(end.set and not function['immediates']['is_async'], 'a wait in a set')
            end.state = 'cancelling'
            if end.pending is None:
                end.pending = 0
            return [end.take_event()]
        trap_if(end.state in ('copying', 'cancelling'), 'an end that is busy')
        trap_if(kind == 'future' and not end.readable and end.state != 'done', 'a future not written')
        end.drop()
        return []

    @staticmethod
    def copy(end, function, params):
        is_async = function['options']['is_async']
        trap_if(end.state != 'idle', 'an end that is not idle')
        trap_if(end.set and not is_async, 'a wait in a set')
        length = params[2] if end.kind == 'stream' else 1
        trap_if(length > LARGEST_BUFFER, 'a buffer that is too long')
        count = end.copy(length)
        if end.pending is None:
            if not is_async:
                raise Unjudged('a copy that waits')
            return [BLOCKED]
        return ('copied', end, count, [end.take_event()])


__all__ = ['Call', 'Tables', 'Trap']
