import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ServiceRequest } from '#agent/service/services.ts';
import { OPEN_FILE_VERSION, systemd, unitFile } from '#agent/service/systemd.ts';
import { requireTool } from '#test/support/require-tool.ts';

const request: ServiceRequest = {
  command: ['/opt/muster-agent/runtime/node', '/opt/muster-agent/app/lib/agent.js'],
  data: '/var/lib/muster-agent',
  user: 'muster',
  packaged: false,
  version: 252,
};
const lines = (text: string): readonly string[] => text.split('\n');

describe('the unit', () => {
  it('restarts the agent and leaves its jobs alone', () => {
    const unit = lines(unitFile(request));
    expect(unit).toEqual(
      expect.arrayContaining(['Type=notify', 'Restart=always', 'KillMode=process', 'User=muster']),
    );
    // Node needs memory that is written and executed; a private /tmp is emptied under running jobs.
    expect(unitFile(request)).not.toMatch(/MemoryDenyWriteExecute|PrivateTmp/);
  });

  it('does not start a machine that belongs to no fleet', () => {
    expect(lines(unitFile(request))).toContain(
      'ConditionPathExists=/var/lib/muster-agent/identity.json',
    );
  });

  it('lets nobody but the agent speak for it where systemd hands over the socket', () => {
    const newer = unitFile({ ...request, version: OPEN_FILE_VERSION });
    expect(lines(newer)).toContain('NotifyAccess=main');
    expect(newer).toContain('OpenFile=/run/systemd/notify:notify');
    expect(lines(unitFile(request))).toContain('NotifyAccess=all');
    expect(unitFile(request)).not.toContain('OpenFile');
  });

  it('writes a data directory outside /var/lib, and odd characters, as systemd reads them', () => {
    const unit = lines(unitFile({ ...request, data: '/srv/my "data" 100%' }));
    expect(unit).toContain('ReadWritePaths="/srv/my \\"data\\" 100%%"');
    expect(unit.find((line) => line.startsWith('ExecStart='))).toBe(
      'ExecStart=/opt/muster-agent/runtime/node /opt/muster-agent/app/lib/agent.js run --data "/srv/my \\"data\\" 100%%"',
    );
    expect(unit.some((line) => line.startsWith('StateDirectory='))).toBe(false);
  });
});

describe.runIf(requireTool('systemd-analyze', 'apt-get install systemd'))('systemd itself', () => {
  it.each([252, OPEN_FILE_VERSION])('rates the unit for version %i at 1.7 or better', (version) => {
    const dir = mkdtempSync(join(tmpdir(), 'muster-unit-'));
    const path = join(dir, 'muster-agent.service');
    writeFileSync(path, unitFile({ ...request, version }));
    const rated = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], {
      encoding: 'utf8',
    });
    const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(rated.stdout)?.[1];
    expect(Number(exposure), rated.stderr).toBeLessThanOrEqual(1.7);
    rmSync(dir, { recursive: true });
  });
});

describe('removing the service', () => {
  it('ends running jobs with a purge only, and keeps the user of a package', () => {
    const words = (purge: boolean, packaged = false): string =>
      [
        ...systemd.disable({ ...request, packaged }, purge),
        ...systemd.forget({ ...request, packaged }, purge),
      ]
        .map(({ argv }) => argv.join(' '))
        .join('\n');
    expect(words(false)).not.toMatch(/kill|userdel/);
    expect(words(true)).toMatch(/systemctl kill .*KILL[\s\S]*userdel muster/);
    expect(words(true, true)).not.toContain('userdel');
  });
});
