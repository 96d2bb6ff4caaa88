// Real beginnings: whole files that work as they stand on a Linux machine and are worth changing.
export interface Example {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly stream: string;
  /** The one whose first run is waited for. */
  readonly schedule: string;
  readonly yaml: (zone: string) => string;
}

const head = (stream: string, zone: string): string => `stream: ${stream}
audience: all
defaults:
  zone: ${zone}
schedules:
`;

export const EXAMPLES: readonly Example[] = [
  {
    id: 'pulse',
    title: 'A pulse',
    about: 'Uptime and load, every minute. The quickest way to see a run arrive.',
    stream: 'pulse',
    schedule: 'uptime',
    yaml: (zone) => `# Proof of life: cheap, harmless, every minute.
${head('pulse', zone)}  uptime:
    description: how long it is up, and how busy it is
    cron: "* * * * *"
    timeout: 20s
    catchUp: none
    exec: [/usr/bin/uptime]
`,
  },
  {
    id: 'disk',
    title: 'Disk watch',
    about: 'Fails when the root disk is over 90 % full, so that you hear of it.',
    stream: 'disk',
    schedule: 'root-disk',
    yaml: (zone) => `# A failed run is the message: nothing else has to be installed.
${head('disk', zone)}  root-disk:
    description: the root disk has room
    every: 15m
    splay: 1m
    catchUp: latest
    shell: |
      used=$(df -P / | awk 'NR==2 { sub("%", "", $5); print $5 }')
      echo "root disk is $used % full"
      [ "$used" -lt 90 ]
`,
  },
  {
    id: 'backup',
    title: 'Nightly backup',
    about: 'A checked archive of /etc at night. Made up for once when the machine was off.',
    stream: 'backups',
    schedule: 'etc',
    yaml: (
      zone,
    ) => `# Nightly, spread over ten minutes, once after an outage, never while the shop is open.
${head('backups', zone)}  etc:
    description: archive of /etc, read back before it counts
    cron: "30 2 * * *"
    splay: 10m
    timeout: 20m
    catchUp: { policy: latest, deadline: 4h }
    retry: { attempts: 3, initial: 1m, factor: 2, max: 10m }
    shell: |
      set -eu
      archive="etc-$(date +%F).tar.gz"
      tar -C / --ignore-failed-read -czf "$archive" etc
      tar -tzf "$archive" > /dev/null
      ls -l "$archive"
      ls -t etc-*.tar.gz | tail -n +8 | xargs -r rm
`,
  },
  {
    id: 'probe',
    title: 'Reachability',
    about: 'Looks a name up from every machine and retries twice before it complains.',
    stream: 'probes',
    schedule: 'name-lookup',
    yaml: (zone) => `# Seen from where the machines stand, not from your desk.
${head('probes', zone)}  name-lookup:
    description: names resolve from here
    every: 5m
    splay: 30s
    timeout: 30s
    catchUp: none
    retry: { attempts: 3, initial: 5s }
    env: { NAME: localhost }
    shell: |
      getent hosts "$NAME"
`,
  },
  {
    id: 'restart',
    title: 'Weekly tidy-up',
    about: 'Sunday before dawn, old temporary files go, one machine after the other.',
    stream: 'tidy',
    schedule: 'temporary-files',
    yaml: (
      zone,
    ) => `# Each machine has its own moment in the hour, so that they do not all work at once.
${head('tidy', zone)}  temporary-files:
    description: what nobody touched for 30 days
    cron: "0 4 * * SUN"
    splay: 1h
    timeout: 30m
    catchUp: { policy: latest, deadline: 2d }
    shell: |
      find /var/tmp -xdev -type f -user "$(id -un)" -mtime +30 -print -delete
`,
  },
];
