// The Debian package: its control file and what it does at installation, removal and purge. Data goes only with purge.
import {
  NEWER_DROP_IN,
  OPEN_FILE_VERSION,
  UNIT,
  unitFile,
  userCommand,
} from '#agent/service/systemd.ts';

export const ROOT = '/usr/lib/muster-agent';
const DATA = '/var/lib/muster-agent';
const USER = 'muster';

export interface DebianFacts {
  readonly version: string;
  readonly architecture: string;
  /** In KiB, as dpkg wants it. */
  readonly installedSize: number;
}

/** Node wants glibc 2.34 and the C++ library; the shim wants a shell and tools that are essential in Debian. */
export const control = ({ version, architecture, installedSize }: DebianFacts): string =>
  `Package: muster-agent
Version: ${version}
Architecture: ${architecture}
Maintainer: Muster <muster@localhost>
Installed-Size: ${installedSize}
Depends: libc6 (>= 2.34), libstdc++6, passwd
Recommends: systemd
Section: admin
Priority: optional
Description: runs signed schedules on this machine, with or without a network
 The agent of Muster: it keeps its own signed schedule and run log, runs jobs
 with no network, catches up when it returns, and reports later. After the
 installation, \`muster-agent install --token …\` enrols and starts it.
`;

/** The unit as every systemd reads it; newer ones get a drop-in at installation. */
export const debianUnit = (): string =>
  unitFile({
    command: [`${ROOT}/runtime/node`, `${ROOT}/app/lib/agent.js`],
    data: DATA,
    user: USER,
    packaged: false,
    version: 0,
  });

const DROP_IN = `/etc/systemd/system/${UNIT}.d/notify.conf`;
const words = (argv: readonly string[]): string => argv.join(' ');
const user = userCommand(USER, DATA);

/** Nothing starts before the machine is enrolled: the unit's own condition. An upgrade leaves jobs alone. */
export const POSTINST = `#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
${words(user.unless ?? [])} >/dev/null 2>&1 || ${words(user.argv)}
version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \\([0-9]*\\).*/\\1/p')
if [ "\${version:-0}" -ge ${OPEN_FILE_VERSION} ]; then
  # This systemd hands a file over: then nobody but the agent itself is heard.
  mkdir -p ${DROP_IN.slice(0, DROP_IN.lastIndexOf('/'))}
  cat > ${DROP_IN} <<'END'
${NEWER_DROP_IN}END
else
  rm -f ${DROP_IN}
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  [ ! -e ${DATA}/identity.json ] || systemctl enable --quiet ${UNIT}
  [ ! -e ${DATA}/identity.json ] || systemctl restart ${UNIT}
fi
`;

/** \`upgrade\` leaves it running until the new one takes over. */
export const PRERM = `#!/bin/sh
set -e
[ "$1" = remove ] || exit 0
if [ -d /run/systemd/system ]; then
  systemctl disable --quiet --now ${UNIT} || true
fi
`;

export const POSTRM = `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
[ "$1" = purge ] || exit 0
# Jobs outlive a removal, as they outlive a restart; a purge ends them.
for process in /proc/[0-9]*; do
  [ "$(stat -c %U "$process" 2>/dev/null)" != ${USER} ] || kill -9 "\${process#/proc/}" || true
done
rm -rf ${DATA} /etc/muster ${DROP_IN.slice(0, DROP_IN.lastIndexOf('/'))}
rm -f /etc/systemd/system/multi-user.target.wants/${UNIT}
${words(user.unless ?? [])} >/dev/null 2>&1 && userdel ${USER} >/dev/null 2>&1 || true
`;
