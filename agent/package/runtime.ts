// A platform's Node out of npm's packages, at the version the repository pins; fetched once and kept.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from './targets.ts';
import { run } from './tools.ts';

export interface Runtime {
  /** Path of the program. */
  readonly program: string;
  /** Path of Node's licence, where the package brings it. */
  readonly license: string | undefined;
}

/** npm checks the package's own integrity. Throws with a hint where the registry does not carry the platform. */
export function fetchRuntime(target: Target, version: string, cache: string): Runtime {
  const folder = join(cache, `${target.nodePackage}-${version}`);
  if (!existsSync(folder)) {
    const staging = `${folder}.new`;
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    const spec = `${target.nodePackage}@${version}`;
    try {
      run('npm', ['pack', spec, '--silent', '--pack-destination', staging], { cwd: staging });
    } catch (error) {
      throw new Error(
        `${(error as Error).message}\nThe registry gives no ${spec}. Is it reachable (npm ping)? Else leave ${target.name} out of --target.`,
      );
    }
    const files = [`package/${target.nodePath}`, 'package/package.json'];
    const tarball = `${target.nodePackage}-${version}.tgz`;
    run('tar', ['-xzf', tarball, '--strip-components=1', ...files], { cwd: staging });
    try {
      run('tar', ['-xzf', tarball, '--strip-components=1', 'package/LICENSE'], { cwd: staging });
    } catch {
      // The Windows package brings none.
    }
    rmSync(join(staging, tarball));
    renameSync(staging, folder);
  }
  const license = join(folder, 'LICENSE');
  return {
    program: join(folder, target.nodePath),
    license: existsSync(license) ? license : undefined,
  };
}
