// The machine's own policy: what it lets through, what it vetoes, and that a doubtful file denies everything.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPolicy, loadPolicy } from '#agent/policy/policy.ts';
import { policyText } from '#agent/policy/templates.ts';
import type { LocalPolicy } from '#agent/ports.ts';
import { type Job, toLaunch } from '#shared/jobs.ts';
import type { Schedule } from '#shared/schedule/schedule.ts';

let dir: string;
let path: string;
let running: number;
let nowAt: number;
let policy: LocalPolicy;
const uid = process.getuid?.() ?? -1;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'muster-policy-'));
  path = join(dir, 'policy.yaml');
  running = 0;
  nowAt = 1_000_000;
  write(policyText('standard'));
  policy = createPolicy({
    path,
    haltPaths: [join(dir, 'HALT'), join(dir, 'owner', 'HALT')],
    uid,
    nowAt: () => nowAt,
    running: () => running,
  });
});
afterEach(() => rmSync(dir, { recursive: true, force: true, maxRetries: 10 }));

function write(text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}
const rules = (more: string): void =>
  write(
    `version: 1\n${more}${more.includes('shell:') ? '' : 'shell: true\n'}${
      more.includes('runAs:') ? '' : 'runAs: [self]\n'
    }${more.includes('executables:') ? '' : "executables: ['*']\n"}${
      more.includes('directories:') ? '' : "directories: ['*']\n"
    }`,
  );

const echo: Job = { kind: 'exec', argv: ['/bin/echo', 'hi'] };
const shell: Job = { kind: 'shell', script: 'echo hi' };

function verdict(job: Job, changes: Partial<Schedule> = {}, runAs = 'self'): string {
  const schedule = { timeoutMs: 60_000, outputCapBytes: 1_000, ...changes, job } as Schedule;
  const vetted = policy.vet({ schedule, launch: toLaunch(job), runAs });
  return vetted.ok ? 'allowed' : vetted.fault.code;
}

describe('the standard policy', () => {
  it('allows exec and shell as the agent itself, and nothing as root (L2)', () => {
    expect(verdict(echo)).toBe('allowed');
    expect(verdict(shell)).toBe('allowed');
    expect(verdict({ kind: 'exec', argv: ['echo', 'found in PATH'] })).toBe('allowed');
    expect(verdict(echo, {}, 'root')).toBe('POLICY_RUNAS');
  });

  it('refuses names that change what a program is (L4)', () => {
    for (const name of ['LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'BASH_ENV', 'PYTHONPATH'])
      expect(verdict({ ...echo, env: { [name]: 'x' } })).toBe('POLICY_ENV');
    expect(verdict({ ...echo, env: { LDAP_URL: 'x', PYTHIA: 'x' } })).toBe('allowed');
  });
});

it('the locked policy allows nothing until it is edited', () => {
  write(policyText('locked'));
  expect(verdict(echo)).toBe('POLICY_RUNAS');
});

describe('a doubtful policy file denies everything (L1)', () => {
  it('missing', () => {
    rmSync(path);
    expect(verdict(echo)).toBe('POLICY_MISSING');
    expect(policy.describe().owner).toBe('missing');
  });

  it('writable by others, or by a group', () => {
    chmodSync(path, 0o646);
    expect(verdict(echo)).toBe('POLICY_MODE');
    chmodSync(path, 0o664);
    expect(verdict(echo)).toBe('POLICY_MODE');
  });

  it('a symbolic link, even to a good one', () => {
    renameSync(path, join(dir, 'elsewhere.yaml'));
    symlinkSync(join(dir, 'elsewhere.yaml'), path);
    expect(verdict(echo)).toBe('POLICY_SYMLINK');
  });

  it('a file that cannot be read, with its line and column', () => {
    write('version: 1\nshell: [true\n');
    expect(verdict(echo)).toBe('POLICY_SYNTAX');
    const { result } = loadPolicy(path, uid);
    expect(result).toMatchObject({
      ok: false,
      fault: { at: expect.stringMatching(/:3:1$|:2:\d+$/) },
    });
    rules('shel: true\n');
    expect(verdict(echo)).toBe('POLICY_SYNTAX');
    rules('version: 2\n');
    expect(verdict(echo)).toBe('POLICY_SYNTAX');
  });

  it('one with aliases, whatever was allowed before', () => {
    expect(verdict(echo)).toBe('allowed');
    write('a: &a [sh]\nb: *a\n');
    expect(verdict(echo)).toBe('POLICY_SYNTAX');
    expect(verdict(echo)).toBe('POLICY_SYNTAX');
  });
});

it('a change takes effect at the next start, and HALT at once', () => {
  expect(verdict(shell)).toBe('allowed');
  const before = policy.describe().digest;
  rules('shell: false\n');
  expect(verdict(shell)).toBe('POLICY_SHELL');
  expect(policy.describe().digest).not.toBe(before);
  expect(verdict({ kind: 'exec', argv: ['/bin/sh', '-c', 'echo'] })).toBe('POLICY_SHELL');
  expect(verdict(echo)).toBe('allowed');
  mkdirSync(join(dir, 'owner'), { recursive: true });
  for (const halt of [join(dir, 'HALT'), join(dir, 'owner', 'HALT')]) {
    writeFileSync(halt, '');
    expect(verdict(echo)).toBe('POLICY_HALT');
    rmSync(halt);
    expect(verdict(echo)).toBe('allowed');
  }
});

describe('programs (L3)', () => {
  let program: string;
  const write0 = (text: string): void => {
    writeFileSync(program, text, { mode: 0o755 });
    chmodSync(program, 0o755);
  };
  const own = (): Job => ({ kind: 'exec', argv: [program] });
  beforeEach(() => {
    mkdirSync(join(dir, 'bin'), { mode: 0o755 });
    program = join(dir, 'bin', 'job');
    write0('#!/bin/sh\necho one\n');
  });

  it('that others may write, or in a directory others may write, are refused', () => {
    expect(verdict(own())).toBe('allowed');
    chmodSync(program, 0o777);
    expect(verdict(own())).toBe('POLICY_EXE');
    chmodSync(program, 0o755);
    chmodSync(join(dir, 'bin'), 0o777);
    expect(verdict(own())).toBe('POLICY_EXE');
  });

  it('reached by a link that others may swap are refused', () => {
    mkdirSync(join(dir, 'open'));
    chmodSync(join(dir, 'open'), 0o777);
    symlinkSync(program, join(dir, 'open', 'job'));
    expect(verdict({ kind: 'exec', argv: [join(dir, 'open', 'job')] })).toBe('POLICY_EXE');
  });

  it('pinned by digest are refused once swapped', () => {
    const sha256 = createHash('sha256').update(readFileSync(program)).digest('hex');
    rules(`executables: [{path: ${program}, sha256: ${sha256}}]\n`);
    expect(verdict(own())).toBe('allowed');
    expect(verdict(echo)).toBe('POLICY_EXE');
    write0('#!/bin/sh\necho two\n');
    expect(verdict(own())).toBe('POLICY_EXE');
  });

  it('and working directories outside the allowed ones are refused', () => {
    rules(`directories: [${join(dir, 'bin')}]\n`);
    expect(verdict(own())).toBe('allowed');
    expect(verdict(echo)).toBe('POLICY_EXE');
    expect(verdict({ ...own(), cwd: `${dir}/bin-not` } as Job)).toBe('POLICY_EXE');
    expect(verdict({ ...own(), cwd: join(dir, 'bin') } as Job)).toBe('allowed');
  });

  it('that are not there, or named relatively, are refused', () => {
    expect(verdict({ kind: 'exec', argv: ['no-such-program'] })).toBe('POLICY_EXE');
    expect(verdict({ kind: 'exec', argv: ['./job'] })).toBe('POLICY_EXE');
  });
});

it('limits: timeout, output, jobs at once, starts in an hour', () => {
  rules('maxTimeoutMs: 1000\n');
  expect(verdict(echo)).toBe('POLICY_LIMIT');
  expect(verdict(echo, { timeoutMs: 1_000 })).toBe('allowed');
  rules('maxOutputBytes: 10\n');
  expect(verdict(echo)).toBe('POLICY_LIMIT');
  rules('maxParallel: 2\n');
  running = 1;
  expect(verdict(echo)).toBe('allowed');
  // Asked again before the first was begun: the second would be one too many.
  expect(verdict(echo)).toBe('POLICY_LIMIT');
  running = 2;
  expect(verdict(echo)).toBe('POLICY_LIMIT');
  rules('maxRunsPerHour: 2\n');
  expect([verdict(echo), verdict(echo), verdict(echo)]).toEqual([
    'allowed',
    'allowed',
    'POLICY_LIMIT',
  ]);
  nowAt += 3_600_001;
  expect(verdict(echo)).toBe('allowed');
});
