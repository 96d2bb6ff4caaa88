// The agent as a macOS LaunchDaemon. Written from Apple's documentation (launchd.plist(5)); not tried on a Mac.
import type { ServiceManager, ServiceRequest } from './services.ts';

const LABEL = 'io.muster.agent';
const PLIST_PATH = `/Library/LaunchDaemons/${LABEL}.plist`;
const LOG = '/var/log/muster-agent.log';

/** AbandonProcessGroup: without it launchd ends the jobs with the agent. */
export function plist({ command, data, user }: ServiceRequest): string {
  const args = [...command, 'run', '--data', data];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${args.map((word) => `    <string>${escapeXml(word)}</string>`).join('\n')}
  </array>
  <key>UserName</key><string>${escapeXml(user)}</string>
  <key>WorkingDirectory</key><string>${escapeXml(data)}</string>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>AbandonProcessGroup</key><true/>
  <key>ThrottleInterval</key><integer>10</integer>
  <key>Umask</key><integer>63</integer>
  <key>StandardErrorPath</key><string>${LOG}</string>
</dict>
</plist>
`;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const launchd: ServiceManager = {
  name: 'launchd',
  tested: false,
  // An account without password, login or place in the login window.
  prepare: ({ user, data }) => [
    {
      argv: [
        'sysadminctl',
        '-addUser',
        user,
        '-roleAccount',
        '-home',
        data,
        '-shell',
        '/usr/bin/false',
      ],
      unless: ['id', '-u', user],
    },
  ],
  files: (request) => [{ path: PLIST_PATH, text: plist(request), mode: 0o644 }],
  enable: () => [
    { argv: ['launchctl', 'bootout', `system/${LABEL}`], mayFail: true },
    { argv: ['launchctl', 'bootstrap', 'system', PLIST_PATH] },
  ],
  restart: () => [{ argv: ['launchctl', 'kickstart', '-k', `system/${LABEL}`] }],
  disable: () => [{ argv: ['launchctl', 'bootout', `system/${LABEL}`], mayFail: true }],
  forget: ({ user }, purge) =>
    purge ? [{ argv: ['sysadminctl', '-deleteUser', user], mayFail: true }] : [],
};
