#!/usr/bin/env python3
"""Whether a trace is one that an engine can have made that follows the specification and has the quirks
that the trace declares (spec/events.md, "Order"; spec/values.md, "What is a value").

    crossing dump --json RUN.xing | conformance/values/judge.py [FILE...]

Reads canonical JSON; prints `legal`, `illegal: why`, or `not judged: why`; exits with 0, 1 or 2, that of
the worst. Synchronous calls, and of the asynchronous built-ins those that wait for nobody.
"""

import sys

from abi import HANDLES, NONE, Abi, Trap, trap_if
from builtin_calls import BuiltinCalls
from guest import OUTSIDE, TOO_LONG, GuestLifting
from lowered import Block, Steps, judge as judge_lowered
from tables import Call, Tables
from trace import Illegal, Trace, Unjudged, cores

MAX_FLAT_PARAMS, MAX_FLAT_RESULTS = 16, 1
NOTES = ('digest', 'marker', 'grow', 'lift')
LEAF_BUILTINS = ('context.get', 'context.set', 'resource.rep', 'backpressure.inc', 'backpressure.dec')
# Built-ins whose result goes to guest memory.
AREAS = {'waitable-set.wait': 8, 'waitable-set.poll': 8, 'error-context.debug-message': 8}


class Trapped(Exception):
    """Leaves the calls that a trap ends."""


class Judge(BuiltinCalls):
    def __init__(self, trace):
        self.trace = trace
        self.at = 0
        self.tables = Tables(trace)
        self.tasks = []        # Call of each export that is open
        self.reallocs = []     # context slots of each realloc that is open
        self.alive = set()     # instances
        self.abis = {}
        self.returned = None   # (function, results) of the call of the host before, for post_return
        self.must_trap = None  # why, where the next event has to be a trap
        for function in trace.functions:
            self.signature(function)

    # Events, one after the other

    def peek(self):
        """The next event that is no note."""
        events = self.trace.events
        while self.at < len(events) and events[self.at]['kind'] in NOTES:
            self.note(events[self.at])
            self.at += 1
        event = events[self.at] if self.at < len(events) else None
        if event and event['kind'] != 'trap' and self.must_trap:
            raise Illegal(event, f'a trap is due: {self.must_trap}')
        return event

    @staticmethod
    def note(event):
        if event['kind'] == 'lift':
            raise Unjudged('bytes of the guest')

    def take(self, kind, subject=None):
        event = self.peek()
        if event is None:
            raise Illegal(None, f'{kind} expected, the trace ends')
        if event['kind'] != kind or (subject is not None and event['subject'] != subject):
            raise Illegal(event, f'{kind} of {subject} expected')
        if event['detail'] != 0 and kind not in ('lower', 'trap'):
            raise Illegal(event, 'a call id where the trace has none')
        self.at += 1
        return event

    def function(self, event):
        return self.trace.functions[event['subject']]

    # Order

    def judge(self):
        while self.peek():
            self.host_step(top=True)
        if self.must_trap:
            raise Illegal(None, f'a trap is due at the end: {self.must_trap}')

    def host_step(self, top=False):
        """One thing that the host does with no call open, or inside of an import_call or instantiate."""
        event = self.peek()
        if event['kind'] == 'instantiate':
            self.instantiate()
        elif event['kind'] == 'export_call':
            self.export(event)
        elif event['kind'] == 'trap' and top:
            if self.returned is None:
                raise Illegal(event, 'a trap where the host has nothing to lift')
            self.take_trap(None)
            self.returned = None
        else:
            raise Illegal(event, 'not what a host does here')

    def take_trap(self, innermost):
        event = self.take('trap')
        if event['subject'] not in (NONE, innermost):
            raise Illegal(event, f'the innermost call is of {innermost}')
        if event['detail'] == 16 and event['payload'][0] != 1:
            raise Illegal(event, 'an exit that is not from the host')
        self.must_trap = None
        self.returned = None

    def instantiate(self):
        event = self.take('instantiate')
        if event['subject'] in self.alive:
            raise Illegal(event, 'an instance that lives')
        self.alive.add(event['subject'])
        self.returned = None
        self.tasks.append(Call())
        try:
            while True:
                event = self.peek()
                if event and event['kind'] in ('instantiate', 'export_call'):
                    self.host_step()
                elif not self.guest_step(None):
                    break
            self.take('instantiate_end', None)
        except Trapped:
            pass
        self.tasks.pop()

    def guest_step(self, innermost, only_leaves=False):
        """One thing that a guest does; False where it returns."""
        event = self.peek()
        if event is None:
            raise Illegal(None, 'the trace ends in a call')
        if event['kind'] == 'trap':
            self.take_trap(innermost)
            raise Trapped
        if event['kind'] != 'import_call':
            return False
        function = self.function(event)
        if only_leaves and function['builtin'] not in LEAF_BUILTINS:
            raise Illegal(event, 'a call out where it may not be')
        self.import_call(function)
        return True

    def export(self, event):
        function = self.function(event)
        role = function['role']
        if role in ('callback', 'core_export') or function['options']['is_async']:
            raise Unjudged(f'a call of role {role}')
        if role not in ('export', 'destructor', 'post_return'):
            raise Illegal(event, f'the host calls no {role}')
        self.take('export_call')
        before, self.returned = self.returned, None
        task = Call()
        self.tasks.append(task)
        try:
            results = self.run(function, task, before)
        except Trapped:
            self.tasks.pop()
            return
        self.tasks.pop()
        if role == 'export':
            self.returned = (function, results)

    def run(self, function, task, before):
        role, number = function['role'], function['id']
        steps = self.lowering(function, number)
        event = self.take('export_enter', number)
        flat = cores(event, function['core_params'])
        if flat is None:
            raise Unjudged('parameters that were left out')
        if role == 'post_return':
            if before is None or before[0]['options']['post_return'] != number:
                raise Illegal(event, 'a post_return after nothing')
            if before[1] is not None and before[1] != flat:
                raise Illegal(event, 'parameters that are not the results before')
        elif role == 'destructor':
            self.destroy(event, function, flat[0])
        params = self.typed(function)
        if params is None or params['kind'] != 'func' or not params['members']:
            self.nothing_lowered(event, steps)
            if params and flat:
                raise Illegal(event, 'parameters of a function that has none')
        else:
            self.lowered(event, steps, params['id'], flat, function, task)
        while self.guest_step(number, role == 'post_return'):
            pass
        event = self.take('export_result', number)
        results = cores(event, function['core_results'])
        if role == 'export' and results is not None and self.typed(function):
            self.lift_result(function, task, results)
        return results

    def import_call(self, function):
        event = self.take('import_call')
        number = function['id']
        if function['role'] not in ('import', 'builtin', 'core_import'):
            raise Illegal(event, f'a guest calls no {function["role"]}')
        self.returned = None
        call = Call()
        params = cores(event, function['core_params'])
        if params is None:
            raise Unjudged('parameters that were left out')
        expected = None
        try:
            if function['role'] == 'builtin':
                expected = self.builtin(function, call, params)
            else:
                self.lift_params(function, call, params)
        except Trap as trap:
            self.must_trap = str(trap)
        steps = self.lowering(function, number, self.area(function, params, expected), host=True)
        event = self.take('import_result', number)
        self.returned = None
        flat = cores(event, function['core_results'])
        if flat is None:
            raise Unjudged('results that were left out')
        if function['role'] == 'builtin':
            self.builtin_result(event, function, call, params, steps, flat, expected)
        else:
            self.tables.give_back(call)
            self.import_result(event, function, call, params, steps, flat)

    # Lowering: realloc calls and writes up to the event that ends it.

    def lowering(self, function, innermost, area=None, host=False):
        steps = Steps(self.abi(function), area)
        while True:
            event = self.peek()
            kind = event and event['kind']
            if kind == 'realloc_call':
                self.realloc(function, steps)
            elif kind == 'lower':
                if event['flags'] not in ([], ['snapshot']):
                    raise Unjudged('writes that were left out')
                if event['subject'] != function['options']['memory'] and not steps.area:
                    raise Illegal(event, 'another memory than that of the function')
                steps.lower(self.take('lower'))
            elif kind == 'trap':
                self.take_trap(innermost)
                raise Trapped
            elif kind in ('export_call', 'instantiate') and host and not steps.blocks:
                self.host_step()
            else:
                if steps.trapped:
                    raise Illegal(event, 'a realloc gave what no lowering goes on with')
                return steps

    def realloc(self, function, steps):
        event = self.take('realloc_call')
        if steps.trapped:
            raise Illegal(event, 'a realloc gave what no lowering goes on with')
        number = event['subject']
        realloc = self.trace.functions[number]
        if realloc['role'] != 'realloc' or number != function['options']['realloc']:
            raise Illegal(event, 'another realloc than that of the function')
        arguments = tuple(cores(event, realloc['core_params']))
        if arguments[:2] == (0, 0) and arguments[2] not in self.alignments(function):
            raise Illegal(event, f'nothing that is lowered here has the alignment {arguments[2]}')
        self.reallocs.append({})
        try:
            while self.guest_step(number, True):
                pass
        except Trapped:
            steps.realloc(event, arguments, None)
            raise
        finally:
            self.reallocs.pop()
        result = self.take('realloc_result', number)
        address = cores(result, realloc['core_results'])
        if address is None:
            raise Unjudged('a result that was left out')
        steps.realloc(event, arguments, address[0])

    def alignments(self, function):
        """Of all that has a block of its own in what a function takes or gives."""
        abi = self.abi(function)
        t = self.typed(function)
        of_strings = 1 if abi.encoding == 'utf8' else 2
        if t is None:
            return {of_strings}
        found = {abi.alignment(t['id'])} if len(abi.flatten(t['id'])) > MAX_FLAT_PARAMS else set()
        todo = [t['id']] if function['role'] == 'export' else [] if t['element'] == NONE else [t['element']]
        while todo:
            plain = abi.despecialize(todo.pop())
            if plain[0] == 'string':
                found.add(of_strings)
            elif plain[0] == 'list':
                if plain[2] is None:
                    found.add(abi.alignment(plain[1]))
                todo.append(plain[1])
            elif plain[0] in ('record', 'variant'):
                todo += [part for part in plain[1] if part is not None]
        return found

    @staticmethod
    def nothing_lowered(event, steps):
        if steps.blocks or (steps.area and steps.area.size and any(steps.image.read(
                steps.area.address, steps.area.size)[1])):
            raise Illegal(event, 'a lowering of nothing')

    def lowered(self, event, steps, t, flat, function, call):
        def handle(plain, index):
            self.tables.lower(event, call, function['instance'], plain, index)
        judge_lowered(steps, event, t, flat, handle, self.trace.quirks,
                      self.trace.info['determinism']['nan'])

    # Types

    def abi(self, function):
        key = self.trace.pointer(function), function['options']['string_encoding']
        if key not in self.abis:
            self.abis[key] = Abi(self.trace.types, *key)
        return self.abis[key]

    def typed(self, function):
        """The func type of an import or export."""
        if function['role'] not in ('import', 'export') or function['type'] == NONE:
            return None
        return self.trace.types[function['type']]

    def signature(self, function):
        """[ABI-07]"""
        t = self.typed(function)
        if t is None or function['options']['is_async']:
            return
        abi = self.abi(function)
        params = abi.flatten(t['id'])
        if len(params) > MAX_FLAT_PARAMS:
            params = [abi.pointer]
        results = [] if t['element'] == NONE else abi.flatten(t['element'])
        if len(results) > MAX_FLAT_RESULTS:
            if function['role'] == 'import':
                params, results = params + [abi.pointer], []
            else:
                results = [abi.pointer]
        if (params, results) != (function['core_params'], function['core_results']):
            raise Illegal(None, f'the core signature of function {function["id"]}')

    def has_area(self, function, t):
        return t['element'] != NONE and len(self.abi(function).flatten(t['element'])) > MAX_FLAT_RESULTS

    def area(self, function, params, expected):
        """Where the host writes the result, but for blocks."""
        if self.must_trap:
            return None
        name = function['builtin']
        if name in AREAS:
            return Block(params[1], AREAS[name])
        if isinstance(expected, tuple) and expected[0] == 'copied' and expected[1].readable:
            _, end, count, _ = expected
            if end.element is None:
                return None
            return Block(params[1], count * self.abi(function).size(function['immediates']['type']))
        t = self.typed(function)
        if t is None or not self.has_area(function, t):
            return None
        abi = self.abi(function)
        address = params[-1]
        if address % abi.alignment(t['element']) or address + abi.size(t['element']) > 1 << 8 * abi.pointer_size:
            self.must_trap = 'a result area that is not aligned, or outside of memory'
        return Block(address, abi.size(t['element']))

    # Values of the guest

    def guest_lifting(self, function, call):
        instance = function['instance']

        def handle(plain, index):
            self.tables.lift(call, instance, plain, index)

        def lose(t):
            plain = self.abi(function).despecialize(t)
            if plain[0] in HANDLES:
                self.tables.lose(instance, plain[1])
            elif plain[0] == 'list':
                lose(plain[1])
            elif plain[0] in ('record', 'variant'):
                for part in plain[1]:
                    if part is not None:
                        lose(part)
        return GuestLifting(self.abi(function), handle, lose)

    def lift_params(self, function, call, params):
        t = self.typed(function)
        if t is None:
            return
        lifting = self.guest_lifting(function, call)
        try:
            if len(lifting.abi.flatten(t['id'])) > MAX_FLAT_PARAMS:
                lifting.place(t['id'], params[0])
            else:
                lifting.flat(t['id'], list(params))
        except Trap as trap:
            self.excuse(str(trap))

    def excuse(self, why):
        """A trap is due [CHECK-04], unless a quirk says that the engine goes on."""
        if why in (OUTSIDE, TOO_LONG) and 'lift_bounds_unchecked' in self.trace.quirks:
            return
        self.must_trap = why

    def lift_result(self, function, task, results):
        t = self.typed(function)
        lifting = self.guest_lifting(function, task)
        try:
            if t['element'] != NONE:
                if len(lifting.abi.flatten(t['element'])) > MAX_FLAT_RESULTS:
                    lifting.place(t['element'], results[0])
                else:
                    lifting.flat(t['element'], list(results))
            trap_if(task.borrows > 0, 'a borrow that was not dropped')
        except Trap as trap:
            self.excuse(str(trap))

    def import_result(self, event, function, call, params, steps, flat):
        t = self.typed(function)
        if t is None:
            return
        if t['element'] == NONE:
            self.nothing_lowered(event, steps)
            return
        self.lowered(event, steps, t['element'], None if self.has_area(function, t) else flat, function,
                     self.tasks[-1])


def verdict(lines):
    """('legal', ''), ('illegal', why) or ('not judged', why)"""
    try:
        Judge(Trace(lines)).judge()
    except Illegal as illegal:
        return 'illegal', str(illegal)
    except Unjudged as unjudged:
        return 'not judged', str(unjudged)
    return 'legal', ''


def main():
    worst = 0
    for path in sys.argv[1:] or ['/dev/stdin']:
        with open(path, encoding='utf-8') as file:
            word, why = verdict(file)
        worst = max(worst, ('legal', 'illegal', 'not judged').index(word))
        print(f'{path}: {word}' + (f': {why}' if why else ''))
    sys.exit(worst)


if __name__ == '__main__':
    sys.setrecursionlimit(20000)
    main()
