// The agent as a service of a really booted systemd: installed from its package, enrolled over TLS, killed, hung, restarted, removed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '#console/views.ts';
import { freePort } from '#test/support/brokers.ts';
import { requireTool } from '#test/support/require-tool.ts';
import { eventually, startTestFleet, type TestFleet } from '#test/support/test-fleet.ts';
import { bootMachine, type Machine } from './machine.ts';

const UNIT = 'muster-agent.service';
const DATA = '/var/lib/muster-agent';
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const JOB_SECONDS = 30;
const MAY_END = '/tmp/may-end';
const JOBS = ['first', 'second', 'third'] as const;

const wanted = process.env.MUSTER_SERVICE === '1';
const tools = ['mmdebstrap', 'systemd-nspawn', 'nsenter', 'dpkg-deb', 'tar'];
const canRun =
  wanted &&
  tools.every((tool) =>
    requireTool(tool, 'apt-get install mmdebstrap systemd-container util-linux'),
  ) &&
  isRoot();

function isRoot(): boolean {
  if (process.getuid?.() === 0) return true;
  if (process.env.MUSTER_REQUIRE_ALL === '1') throw new Error('booting a system needs root');
  console.warn('SKIPPED: booting a system needs root');
  return false;
}

const systems = [
  // The agent is heard through systemd-notify, which is a process of its own.
  { suite: 'bookworm', heard: 'all', helpers: '1' },
  // It writes to the open file it is handed, and nobody else is heard.
  { suite: 'trixie', heard: 'main', helpers: '0' },
] as const;

describe.runIf(canRun).each(systems)(
  'the agent as a service of Debian $suite',
  {
    timeout: 240_000,
  },
  ({ suite, heard, helpers }) => {
    let machine: Machine;
    let fleet: TestFleet;
    let work: string;
    let debian: string;

    beforeAll(async () => {
      work = mkdtempSync(join(tmpdir(), 'muster-service-'));
      debian = buildDebian(work);
      const port = String(await freePort());
      const tls = ['--tls', '127.0.0.1', '--tls-host', '127.0.0.1', '--tls-port', port];
      [machine, fleet] = await Promise.all([bootMachine(suite), startTestFleet('embedded', tls)]);
    }, 240_000);
    afterAll(async () => {
      await Promise.all([machine?.stop(), fleet?.close()]);
      rmSync(work, { recursive: true, force: true });
    }, 60_000);

    const newToken = async (): Promise<string> =>
      (await fleet.muster('join-token', '--quiet', '--label', 'site=here')).stdout.trim();
    const property = (name: string): string =>
      machine.must(`systemctl show --value -p ${name} ${UNIT}`).trim();
    const isOnline = async (agent: string): Promise<boolean> =>
      (await fleet.call('agents.list', {})).some(
        (one) => one.agent === agent && one.presence === 'online',
      );
    /** Resolves once the agent lives again in another process than `pid`. */
    const isBackAfter = (pid: string): Promise<void> =>
      eventually('the service is active again', async () => {
        const now = property('MainPID');
        return property('ActiveState') === 'active' && now !== '0' && now !== pid;
      });

    it('waits after installation from the .deb until it is enrolled', () => {
      machine.must(`dpkg -i ${machine.put(debian)}`);
      machine.must(`systemctl start ${UNIT}`);
      expect(property('ActiveState')).toBe('inactive');
      expect(property('ConditionResult')).toBe('no');
      expect(machine.must('id -un muster').trim()).toBe('muster');
    });

    it('enrols over TLS with one line, runs as its own user and reports to a console outside', async () => {
      machine.must(`muster-agent install --token ${await newToken()} --name till-7`);
      expect(property('ActiveState')).toBe('active');
      const identity = JSON.parse(machine.must(`cat ${DATA}/identity.json`));
      expect(identity.broker.url).toMatch(/^mqtts:\/\/127\.0\.0\.1:\d+$/);
      expect(identity.broker.ca).toContain('BEGIN CERTIFICATE');
      expect(machine.must(`stat -c '%U %a' ${DATA} ${DATA}/sign.key`)).toBe(
        'muster 700\nmuster 600\n',
      );
      expect(machine.must(`stat -c '%U %a' /etc/muster/policy.yaml`)).toBe('root 644\n');
      expect(machine.must(`ps -o user= -p ${property('MainPID')}`).trim()).toBe('muster');
      expect(machine.must(`systemctl is-enabled ${UNIT}`).trim()).toBe('enabled');
      expect(property('NotifyAccess')).toBe(heard);
      expect(machine.run('pgrep -c -f [m]uster-notify').stdout.trim()).toBe(helpers);
      await eventually('the console sees the machine', () => isOnline('till-7'));
      const line = machine.must(`journalctl -u ${UNIT} -o cat --grep '"ready"' -n 1`);
      expect(JSON.parse(line)).toMatchObject({ level: 'info', agent: 'till-7', msg: 'ready' });
      const loud = `journalctl -u ${UNIT} -p warning -o cat --grep '"ready"'`;
      expect(machine.run(loud).stdout).not.toContain('ready');
    });

    it('keeps jobs, their output and exit code over kill -9, a hang, a restart and an upgrade, each recorded once', async () => {
      // A hang is to be noticed within the life of the job.
      const dropIn = `/etc/systemd/system/${UNIT}.d`;
      machine.must(
        `mkdir -p ${dropIn}; printf '[Service]\\nWatchdogSec=6\\n' > ${dropIn}/quick.conf`,
      );
      machine.must('systemctl daemon-reload; muster-agent restart');
      const applied = await fleet.apply(desired(), '--wait');
      expect(applied.code, applied.stderr).toBe(0);
      const started = await fleet.muster('run', 'long/first', '--agent', 'till-7');
      expect(started.code, started.stderr).toBe(0);
      for (const job of JOBS.slice(1)) {
        expect((await fleet.muster('run', `long/${job}`, '--agent', 'till-7')).code).toBe(0);
      }
      const pids = [property('MainPID')];
      const restarts = Number(property('NRestarts'));

      machine.must(`kill -9 ${pids[0]}`);
      await isBackAfter(pids[0] as string);
      pids.push(property('MainPID'));

      machine.must(`kill -STOP ${pids[1]}`);
      await isBackAfter(pids[1] as string);
      expect(machine.run(`journalctl -u ${UNIT} -o cat --grep 'Watchdog timeout'`).code).toBe(0);
      pids.push(property('MainPID'));

      expect(Number(property('NRestarts'))).toBe(restarts + 2);
      machine.must(`systemctl restart ${UNIT}`);
      await isBackAfter(pids[2] as string);
      // An upgrade, here to the same version.
      pids.push(property('MainPID'));
      machine.must(`dpkg -i ${machine.put(debian)}`);
      await isBackAfter(pids[3] as string);
      // However slow this machine is: none has ended before all of that was over.
      const during = await fleet.call('runs.list', { agent: 'till-7', limit: 200 });
      expect(during.map(({ state }) => state)).toEqual(JOBS.map(() => 'running'));
      machine.must(`touch ${MAY_END}`);

      const runs = await finished(fleet);
      expect(runs.map(({ schedule }) => schedule).sort()).toEqual(
        JOBS.map((job) => `long/${job}`).sort(),
      );
      for (const run of runs) {
        expect(run).toMatchObject({ state: 'failed', exitCode: 7, attempts: 1 });
        expect(run.attemptList.map(({ output }) => output)).toEqual(['begun\nended\n']);
      }
      const check = await fleet.muster('ledger', '--check', '--json');
      expect(JSON.parse(check.stdout)).toMatchObject({ unaccounted: 0, duplicates: 0 });
    });

    it('forgets the service and keeps the data, and a purge of the package leaves nothing', async () => {
      machine.must('muster-agent uninstall');
      expect(property('ActiveState')).toBe('inactive');
      expect(machine.run(`systemctl is-enabled ${UNIT}`).stdout.trim()).toBe('disabled');
      machine.must(`test -e ${DATA}/identity.json && test -e /etc/muster/policy.yaml`);
      // The same machine again, without a new token.
      machine.must('muster-agent install');
      await eventually('the machine is back', () => isOnline('till-7'));
      machine.must('dpkg --remove muster-agent');
      machine.must(`test -e ${DATA}/identity.json && test -e /etc/muster/policy.yaml`);
      expect(machine.run(`systemctl is-active ${UNIT}`).stdout.trim()).toBe('inactive');
      machine.must('dpkg --purge muster-agent');
      expectNothing(machine);
    });

    it('installs from the tarball into a folder of its own, and purges itself', async () => {
      // The same tree as in the .deb.
      const root = join(work, 'tree');
      expect(spawnSync('dpkg-deb', ['-x', debian, root]).status).toBe(0);
      const tar = join(work, 'muster-agent.tar');
      expect(
        spawnSync('tar', ['-C', join(root, 'usr/lib'), '-cf', tar, 'muster-agent']).status,
      ).toBe(0);
      machine.must(`tar -xf ${machine.put(tar)} -C /opt`);
      const token = join(work, 'join.txt');
      writeFileSync(token, await newToken());
      const agent = '/opt/muster-agent/bin/muster-agent';
      machine.must(`${agent} install --name till-8 --token-file ${machine.put(token)}`);
      expect(property('ActiveState')).toBe('active');
      expect(property('FragmentPath')).toBe(`/etc/systemd/system/${UNIT}`);
      await eventually('the console sees the machine', () => isOnline('till-8'));
      expect(machine.run(`${agent} install --token ${await newToken()}`).stderr).toContain(
        'ALREADY_ENROLLED',
      );
      const applied = await fleet.apply(ENDLESS, '--wait');
      expect(applied.code, applied.stderr).toBe(0);
      const started = await fleet.muster('run', 'endless/endless', '--agent', 'till-8');
      expect(started.code, started.stderr).toBe(0);
      machine.must(`${agent} uninstall`);
      machine.must(`test -e ${DATA}/identity.json`);
      // Jobs outlive the service; only a purge ends them.
      expect(machine.run('ps -eo user,args').stdout).toMatch(/^muster .*sleep 4321$/m);
      const mistyped = machine.run(`${agent} uninstall --purge --data /usr/share`);
      expect(mistyped.stderr).toContain('NOT_AN_AGENT');
      machine.must(`${agent} uninstall --purge`);
      expect(machine.run('ps -eo user,args').stdout).not.toContain('sleep 4321');
      machine.must('rm -rf /opt/muster-agent /root/muster-agent* /root/join.txt');
      expectNothing(machine);
    });
  },
);

function buildDebian(work: string): string {
  const out = join(work, 'packages');
  const args = ['agent/package/package.ts', '--component', 'deb', '--fast', '--out', out];
  const built = spawnSync(process.execPath, args, { cwd: REPOSITORY, encoding: 'utf8' });
  const name = built.status === 0 && readdirSync(out).find((file) => file.endsWith('.deb'));
  if (!name) throw new Error(`no package: ${built.stderr}`);
  return join(out, name);
}

const desired = (): string =>
  [
    'stream: long',
    'audience: all',
    'schedules:',
    ...JOBS.flatMap((job) => [
      `  ${job}:`,
      '    at: "2099-01-01T00:00:00Z"',
      `    shell: echo begun; sleep ${JOB_SECONDS}; until [ -e ${MAY_END} ]; do sleep 1; done; echo ended; exit 7`,
    ]),
    '',
  ].join('\n');

const ENDLESS = `stream: endless
audience: { agents: [till-8] }
schedules:
  endless: { at: "2099-01-01T00:00:00Z", exec: [sleep, "4321"] }
`;

async function finished(fleet: TestFleet): Promise<readonly RunDetail[]> {
  const list = () => fleet.call('runs.list', { agent: 'till-7', limit: 200 });
  await eventually(
    'every run has ended',
    async () => {
      const runs = await list();
      return runs.length >= JOBS.length && runs.every(({ finishedAt }) => finishedAt !== null);
    },
    JOB_SECONDS + 30,
  );
  return Promise.all((await list()).map(({ run }) => fleet.call('runs.show', { run })));
}

/** No file, no user, no process. The package in /root is the test's own. */
function expectNothing(machine: Machine): void {
  machine.run('rm -f /root/muster-agent*');
  const left = machine.must(
    `find / -xdev -iname '*muster*' -not -path '/var/lib/dpkg/*' -not -path '/proc/*'`,
  );
  expect(left).toBe('');
  expect(machine.run('id muster').code).not.toBe(0);
  expect(machine.run('pgrep -f [m]uster-agent').stdout).toBe('');
}
