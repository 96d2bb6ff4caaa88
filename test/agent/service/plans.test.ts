// What the service managers that cannot be tried here are given, letter by letter: a change of it is meant, or refused.
import { describe, expect, it } from 'vitest';
import { launchd, plist } from '#agent/service/launchd.ts';
import { type Command, SERVICES } from '#agent/service/services.ts';
import { windows } from '#agent/service/windows.ts';

const line = ({ argv, unless, mayFail }: Command): string =>
  [
    ...(unless ? [`unless (${unless.join(' ')})`] : []),
    ...(mayFail ? ['may fail:'] : []),
    argv.join(' '),
  ].join(' ');

it('every kind of system has one, and says whether it was tried', () => {
  expect(Object.entries(SERVICES).map(([os, { name, tested }]) => [os, name, tested])).toEqual([
    ['linux', 'systemd', true],
    ['darwin', 'launchd', false],
    ['win32', 'windows', false],
  ]);
});

describe('launchd (not tried on a Mac)', () => {
  const request = {
    command: ['/opt/muster/node', '/opt/muster/a & b/agent.js'],
    data: '/Library/Muster',
    user: '_muster',
    packaged: false,
    version: 0,
  };

  it('keeps the agent alive and abandons its process group', () => {
    expect(plist(request)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>io.muster.agent</string>
  <key>ProgramArguments</key>
  <array>
    <string>/opt/muster/node</string>
    <string>/opt/muster/a &amp; b/agent.js</string>
    <string>run</string>
    <string>--data</string>
    <string>/Library/Muster</string>
  </array>
  <key>UserName</key><string>_muster</string>
  <key>WorkingDirectory</key><string>/Library/Muster</string>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>AbandonProcessGroup</key><true/>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>Umask</key><integer>63</integer>
  <key>StandardErrorPath</key><string>/var/log/muster-agent.log</string>
</dict>
</plist>
`);
  });

  it('is loaded, started anew and removed by these commands', () => {
    const place = '/Library/LaunchDaemons/io.muster.agent.plist';
    expect(launchd.enable(request).map(line)).toEqual([
      'may fail: launchctl bootout system/io.muster.agent',
      `launchctl bootstrap system ${place}`,
    ]);
    expect(launchd.restart(request).map(line)).toEqual([
      'launchctl kickstart -k system/io.muster.agent',
    ]);
    expect(launchd.forget(request, false)).toEqual([]);
  });
});

describe('Windows (not tried)', () => {
  const request = {
    command: ['C:\\Muster\\runtime\\node.exe', 'C:\\Muster\\app\\lib\\agent.js'],
    data: 'C:\\ProgramData\\Muster',
    user: 'muster',
    packaged: false,
    version: 0,
  };

  it('gets a service through Shawl with a virtual account and recovery', () => {
    expect(windows.enable(request).map(line)).toEqual([
      'unless (sc.exe query muster-agent) C:\\Muster\\runtime\\shawl.exe add --name muster-agent --cwd C:\\ProgramData\\Muster --stop-timeout 30000 --restart --log-dir C:\\ProgramData\\Muster\\log -- C:\\Muster\\runtime\\node.exe C:\\Muster\\app\\lib\\agent.js run --data C:\\ProgramData\\Muster',
      'sc.exe config muster-agent start= delayed-auto obj= NT SERVICE\\muster-agent',
      'sc.exe description muster-agent Runs signed schedules on this machine and reports',
      'sc.exe failure muster-agent reset= 86400 actions= restart/1000/restart/1000/restart/1000',
      'sc.exe failureflag muster-agent 1',
      'icacls.exe C:\\ProgramData\\Muster /grant NT SERVICE\\muster-agent:(OI)(CI)F /T /Q',
    ]);
  });

  it('is stopped and deleted, data apart', () => {
    expect([...windows.disable(request, true), ...windows.forget(request, true)].map(line)).toEqual(
      ['may fail: sc.exe stop muster-agent', 'sc.exe delete muster-agent'],
    );
  });
});
