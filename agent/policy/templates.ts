// The two policy files `enrol` can write. They are for people to read and edit, so the comments matter.
export type PolicyTemplate = 'standard' | 'locked';

const HEAD = `# What Muster may do on this machine. Signed schedules cannot widen it, only this file can.
# It takes effect at once. Missing, unreadable, a symbolic link or writable by others: nothing runs.
# Put a file named HALT beside it to stop all new starts.
version: 1
`;

const LIMITS = `
# Further environment names to refuse (NAME or PREFIX*). LD_*, NODE_OPTIONS, BASH_ENV, PYTHON*
# and the like are refused in any case.
refuseEnv: []

# Limits; remove the # to set one.
# maxTimeoutMs: 3600000
# maxOutputBytes: 1048576
# maxParallel: 8
# maxRunsPerHour: 600
`;

const STANDARD = `${HEAD}
# Jobs of kind shell, and programs that are shells.
shell: true

# Users a job may run as. self is the user the agent itself runs as; root is not in the list.
runAs: [self]

# Programs by absolute path, {path, sha256} for exactly those bytes, or '*' for any
# that nobody but root and the agent's user may change.
executables: ['*']

# Where programs may lie and jobs may work.
directories: ['*']
${LIMITS}`;

const LOCKED = `${HEAD}
# Locked: nothing may run until you allow it here.
shell: false
runAs: []
executables: []
directories: []
${LIMITS}`;

export const policyText = (template: PolicyTemplate): string =>
  template === 'standard' ? STANDARD : LOCKED;
