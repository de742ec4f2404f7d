#!/usr/bin/env python3
"""Random single mutations of traces: each is found by `crossing check`, or proven by the judge of
conformance/values to be another legal trace.

    mutate.py --crossing COMMAND [--count N] [--seed S] [--jobs N] TRACE|FOLDER...
    mutate.py --crossing COMMAND --one K TRACE      mutation K of a trace, in words

N mutations (5000, or CROSSING_MUTATIONS) are spread over the traces, small ones getting more. Prints what
was done, by whom it was found, and the share of each. Exits with 1 when a mutation is neither found nor legal.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / 'values')]

from judge import verdict  # noqa: E402
from mutations import mutate  # noqa: E402

LARGEST = 400_000  # characters of canonical JSON; what is longer is cut where no call is open
OPENS = ('instantiate', 'export_call', 'import_call', 'realloc_call')
CLOSES = ('instantiate_end', 'export_result', 'import_result', 'realloc_result')
Outcome = collections.namedtuple('Outcome', 'trace number at kind mutation words result detail')


def text(record):
    return json.dumps(record, ensure_ascii=False, separators=(',', ':')) + '\n'


class Command:
    def __init__(self, path):
        self.path = path

    def dump(self, trace):
        return subprocess.run([self.path, 'dump', '--json', trace], check=True, capture_output=True,
                              encoding='utf-8').stdout.splitlines(keepends=True)

    def check(self, lines):
        """(exit code of encode or 0, exit code of check, the rule of its first finding)"""
        encoded = subprocess.run([self.path, 'encode', '-', '--uncompressed', '-o', '-'],
                                 input=''.join(lines).encode(), capture_output=True, check=False)
        if encoded.returncode:
            return encoded.returncode, 0, None
        checked = subprocess.run([self.path, 'check', '--json', '-'], input=encoded.stdout, capture_output=True,
                                 check=False)
        if checked.returncode not in (0, 7, 8):
            raise SystemExit(f'crossing check: exit code {checked.returncode}: {checked.stderr.decode()}')
        report = json.loads(checked.stdout)
        faults = report.get('faults') or report.get('findings') or [{}]
        return 0, checked.returncode, faults[0].get('rule')


def prefix(events):
    """Up to the last place within the limit where no call is open."""
    depth, length, end = 0, 0, 0
    for i, event in enumerate(events):
        length += len(event['payload']) + 100
        if length > LARGEST:
            break
        depth += (event['kind'] in OPENS) - (event['kind'] in CLOSES)
        if event['kind'] == 'trap':
            return events
        if depth == 0:
            end = i + 1
    return events[:end] or events


class Base:
    """A trace to be mutated, which is clean and legal."""

    def __init__(self, command, path):
        self.path, self.command = path, command
        lines = command.dump(path)
        self.definitions = [line for line in lines if not line.startswith('{"event"')]
        self.functions = [json.loads(line)['function'] for line in lines if line.startswith('{"function"')]
        self.events = [json.loads(line)['event'] for line in lines if line.startswith('{"event"')]
        if sum(map(len, lines)) > LARGEST:
            self.events = prefix(self.events)
        self.size = sum(len(event['payload']) + 100 for event in self.events)
        whole = self.lines(self.events)
        refused, code, rule = command.check(whole)
        if refused or code:
            raise SystemExit(f'{path} is not clean: {rule}')
        word, why = verdict(whole)
        if word != 'legal':
            raise SystemExit(f'{path} is {word}: {why}')

    def lines(self, events):
        return self.definitions + [text({'event': event}) for event in events]

    def name(self):
        """Of the file, or of its folder where that tells more."""
        path = pathlib.Path(self.path)
        return path.parent.name if path.stem == 'run' else path.stem

    def mutation(self, number):
        return mutate(random.Random(f'{self.name()} {number}'), self.functions, self.events)

    def judged(self, number):
        events, at, mutation, words = self.mutation(number)
        lines = self.lines(events)
        refused, code, rule = self.command.check(lines)
        if refused:
            result, detail = 'refused', ''
        elif code:
            result, detail = 'found', rule
        else:
            result, detail = verdict(lines)
        event = self.events[at]
        return Outcome(self.path, number, event['sequence'], event['kind'], mutation, words, result, detail)


def traces(paths):
    for path in map(pathlib.Path, paths):
        yield from sorted(map(str, path.rglob('*.xing'))) if path.is_dir() else [str(path)]


def shares(bases, count):
    """How many mutations of each: by the inverse of the square root of its size, at least one."""
    weights = [base.size ** -0.5 for base in bases]
    return [max(1, round(count * weight / sum(weights))) for weight in weights]


def table(outcomes):
    results = ('refused', 'found', 'legal', 'illegal', 'not judged')
    heads = ('refused by the writer', 'found', 'legal', 'NOT FOUND', 'NOT JUDGED')
    print(f'{"":12}' + ''.join(f'{head:>23}' for head in heads))
    for name in [*sorted({outcome.mutation for outcome in outcomes}), 'all']:
        of = [outcome for outcome in outcomes if name in (outcome.mutation, 'all')]
        row = [sum(outcome.result == result for outcome in of) for result in results]
        print(f'{name:12}' + ''.join(f'{number:15} {100 * number / len(of):5.1f} %' for number in row))
    rules = collections.Counter(outcome.detail for outcome in outcomes if outcome.result == 'found')
    print('found by ' + ', '.join(f'{rule} {number}' for rule, number in rules.most_common()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--crossing', required=True)
    parser.add_argument('--count', type=int, default=int(os.environ.get('CROSSING_MUTATIONS', 5000)))
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--one', help='the number of a mutation')
    parser.add_argument('--out', help='with --one: a file for the mutated trace, as canonical JSON')
    parser.add_argument('traces', nargs='+')
    options = parser.parse_args()
    command = Command(options.crossing)
    bases = [Base(command, path) for path in traces(options.traces)]
    if not bases:
        raise SystemExit('no traces')
    if options.one is not None:
        if options.out:
            events = bases[0].mutation(options.one)[0]
            pathlib.Path(options.out).write_text(''.join(bases[0].lines(events)), encoding='utf-8')
        outcome = bases[0].judged(options.one)
        print(*outcome, sep='\n')
        return outcome.result in ('illegal', 'not judged')
    jobs = [(base, f'{options.seed}.{i}') for base, share in zip(bases, shares(bases, options.count), strict=True)
            for i in range(share)]
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(run, jobs, chunksize=8))
    print(f'{len(outcomes)} mutations of {len(bases)} traces')
    table(outcomes)
    wrong = [outcome for outcome in outcomes if outcome.result in ('illegal', 'not judged')]
    for outcome in wrong:
        print(f'{outcome.trace}: event {outcome.at}, {outcome.kind}: {outcome.words}: {outcome.result}: {outcome.detail}\n'
              f'  {HERE} --crossing {options.crossing} --one {outcome.number} {outcome.trace}')
    return bool(wrong)


def run(job):
    base, number = job
    return base.judged(number)


if __name__ == '__main__':
    sys.setrecursionlimit(20000)
    sys.exit(main())
