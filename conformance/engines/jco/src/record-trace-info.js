import { randomBytes } from 'node:crypto';

/** The stack of the thread that a guest runs in. */
export const STACK_MB = 4;

/** The TraceInfo of a recording by this engine, in canonical JSON form. // [TRACE-01] [TRACE-06] */
export function traceInfo(plan) {
  return {
    producer_name: 'crossing-engine-jco',
    producer_version: '0.1.0',
    uuid: randomBytes(16).toString('hex'),
    profile: 'abi',
    recorded_by: 'hook',
    clock: 'per_call',
    clock_unit: '1000',
    start_time: String(BigInt(Date.now()) * 1000000n),
    determinism: {
      nan: 'engine',
      relaxed_simd: plan.raw.core_proposals.includes('relaxed_simd') ? 'engine' : 'absent',
      memory_limit: '0',
      table_limit: String(V8_TABLE_LIMIT),
      stack_limit: String(STACK_MB * 1024 * 1024),
      interruption: 'never',
    },
    features: plan.raw.features,
    quirks: [
      'catchable_host_exception', 'empty_string_without_realloc', 'handles_per_type', 'lift_bounds_unchecked',
      'lift_range_checked', 'string_exact_size', 'utf8_unchecked',
    ],
    core_proposals: plan.raw.core_proposals,
    replayable: true,
    core_complete: true,
    needs_stacks: false,
  };
}

const V8_TABLE_LIMIT = 10000000;
