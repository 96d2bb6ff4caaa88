// The bill of materials: which third-party software is in a package. CycloneDX 1.6, from the bundle and package-lock.json.
import { z } from 'zod';
import type { PackageFacts } from './bundle.ts';

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional() })),
});
export type Lock = z.infer<typeof lockSchema>;
export const parseLock = (text: string): Lock => lockSchema.parse(JSON.parse(text));

export interface Part extends PackageFacts {
  /** Folder in the repository, as package-lock.json names it. */
  readonly folder: string;
}

export interface SbomFacts {
  readonly version: string;
  readonly nodeVersion: string;
  readonly parts: readonly Part[];
  readonly lock: Lock;
  /** RFC 3339. */
  readonly builtFrom: string;
}

/** A JSON object; the same facts give the same text. */
export function sbomOf({ version, nodeVersion, parts, lock, builtFrom }: SbomFacts): unknown {
  const components = parts.map(({ name, version: of, license, folder }) => ({
    type: 'library',
    'bom-ref': purl(name, of),
    name,
    version: of,
    purl: purl(name, of),
    licenses: [{ expression: license }],
    ...hashOf(lock.packages[folder]?.integrity),
  }));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: builtFrom,
      component: {
        type: 'application',
        'bom-ref': `muster-agent@${version}`,
        name: 'muster-agent',
        version,
        licenses: [{ license: { id: 'MIT' } }],
      },
    },
    components: [
      ...components,
      {
        type: 'platform',
        'bom-ref': `pkg:generic/node@${nodeVersion}`,
        name: 'node',
        version: nodeVersion,
        purl: `pkg:generic/node@${nodeVersion}`,
        licenses: [{ license: { id: 'MIT' } }],
      },
    ],
  };
}

const purl = (name: string, version: string): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;

/** npm's integrity is base64, CycloneDX wants hex. */
function hashOf(integrity: string | undefined) {
  const sha512 = /^sha512-(\S+)/.exec(integrity ?? '')?.[1];
  if (sha512 === undefined) return {};
  const content = Buffer.from(sha512, 'base64').toString('hex');
  return { hashes: [{ alg: 'SHA-512', content }] };
}
