// A test that needs a system tool says so: skipped with a printed reason, or failed where everything is required (CI).
import { spawnSync } from 'node:child_process';

/** True when `tool` is on PATH. Otherwise prints why the tests are skipped, or throws under MUSTER_REQUIRE_ALL=1. */
export function requireTool(tool: string, howToGet: string): boolean {
  const found =
    spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin:/sbin" command -v ${tool}`]).status === 0;
  if (found) return true;
  const reason = `${tool} is not installed; get it with: ${howToGet}`;
  if (process.env.MUSTER_REQUIRE_ALL === '1') throw new Error(`MUSTER_REQUIRE_ALL: ${reason}`);
  console.warn(`SKIPPED: ${reason}`);
  return false;
}
