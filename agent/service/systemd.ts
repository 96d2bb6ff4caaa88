// The agent as a systemd service: hardened, watched, and stopped without its jobs.
import type { Command, ServiceManager, ServiceRequest } from './services.ts';

export const UNIT = 'muster-agent.service';
export const UNIT_PATH = `/etc/systemd/system/${UNIT}`;
/** From here on systemd hands the notify socket over as an open file (OpenFile=). */
export const OPEN_FILE_VERSION = 253;

/** Where a data directory of this name is systemd's own business, permissions included. */
const STATE = '/var/lib/';
const STOP_SECONDS = 30;
export const WATCHDOG_SECONDS = 60;

/**
 * The unit file. KillMode=process: jobs live in the agent's own control group and must outlive it. No PrivateTmp: its
 * directory is emptied at every restart, under the hands of running jobs. Not MemoryDenyWriteExecute: Node needs it.
 */
export function unitFile({ command, data, user, version }: ServiceRequest): string {
  const exec = [...command, 'run', '--data', data].map(quote).join(' ');
  return `# Made by muster-agent. Change it with \`systemctl edit ${UNIT}\`, not here.
[Unit]
Description=Muster agent: runs signed schedules and reports
Documentation=man:systemd.service(5)
After=network.target time-sync.target
ConditionPathExists=${percent(data)}/identity.json
StartLimitIntervalSec=0

[Service]
Type=notify
${version >= OPEN_FILE_VERSION ? NEWER_LINES : OLDER_LINES}
ExecStart=${exec}
User=${user}
Group=${user}
${stateLines(data)}
UMask=0077
Restart=always
RestartSec=1
WatchdogSec=${WATCHDOG_SECONDS}
TimeoutStopSec=${STOP_SECONDS}
TimeoutAbortSec=5
KillMode=process
OOMPolicy=continue
LimitCORE=0
LimitNOFILE=65536
SyslogIdentifier=muster-agent

# What the agent may do, and with it every job: widen it for yours with \`systemctl edit ${UNIT}\`,
# for example ReadWritePaths=/srv/backup.
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=/tmp /var/tmp
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateDevices=yes
PrivateMounts=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
${version >= OPEN_FILE_VERSION ? '' : `${NO_RESOURCES}\n`}SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

const NEWER_LINES = 'NotifyAccess=main\nOpenFile=/run/systemd/notify:notify:graceful';
/** A message comes from the short-lived helper systemd-notify, so every process of the unit may send. */
const OLDER_LINES = 'NotifyAccess=all';
/** What that costs in exposure is paid for by jobs: no nice, no ionice. */
const NO_RESOURCES = 'SystemCallFilter=~@resources';
/** Makes the unit of an older systemd that of a newer one. */
export const NEWER_DROP_IN = `[Service]\n${NEWER_LINES}\nSystemCallFilter=@resources\n`;

function stateLines(data: string): string {
  const name = data.startsWith(STATE) ? data.slice(STATE.length) : '';
  return /^[A-Za-z0-9._-]+$/.test(name)
    ? `StateDirectory=${name}\nStateDirectoryMode=0700\nWorkingDirectory=${percent(data)}`
    : `ReadWritePaths=${quote(data)}\nWorkingDirectory=${percent(data)}`;
}

/** % begins a specifier everywhere. */
const percent = (text: string): string => text.replaceAll('%', '%%');

/** systemd.service(5), "command lines": C quoting, and % and $ doubled. */
function quote(word: string): string {
  const plain = percent(word).replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_@%+=:,./$-]+$/.test(plain)
    ? plain
    : `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

const systemctl = (...words: readonly string[]): Command => ({ argv: ['systemctl', ...words] });

/** `useradd` for a user nobody logs in as. */
export const userCommand = (user: string, data: string): Command => ({
  argv: [
    'useradd',
    '--system',
    '--user-group',
    '--home-dir',
    data,
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    user,
  ],
  unless: ['id', '-u', user],
});

export const systemd: ServiceManager = {
  name: 'systemd',
  tested: true,
  prepare: ({ user, data, packaged }) => (packaged ? [] : [userCommand(user, data)]),
  files: (request) =>
    request.packaged ? [] : [{ path: UNIT_PATH, text: unitFile(request), mode: 0o644 }],
  enable: () => [systemctl('daemon-reload'), systemctl('enable', '--quiet', UNIT)],
  restart: () => [systemctl('restart', UNIT)],
  disable: (_, purge) => [
    { ...systemctl('disable', '--quiet', '--now', UNIT), mayFail: true },
    // What is left in its control group is its jobs.
    ...(purge
      ? [{ ...systemctl('kill', '--kill-whom=all', '--signal=KILL', UNIT), mayFail: true }]
      : []),
  ],
  forget: ({ user, packaged }, purge) => [
    systemctl('daemon-reload'),
    { ...systemctl('reset-failed', UNIT), mayFail: true },
    ...(purge && !packaged ? [{ argv: ['userdel', user], mayFail: true }] : []),
  ],
};
