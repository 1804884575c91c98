/** What a figure depends on: the machine, the runtime, the commit and the versions of the peers. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** Facts about the place of a run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
  };
}

export function formatMachine(machine: Machine): string {
  const { cpu, cores, memoryGiB, platform, node } = machine;
  return `${cores} x ${cpu}, ${memoryGiB} GiB, ${platform}, Node ${node}`;
}

/** The commit that was measured; undefined outside a checkout. */
export function commitOf(folder: URL): string | undefined {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes');
  } catch {
    return undefined;
  }
}

/** Versions of the workspace's dependencies, from its own node_modules. */
export function installedVersions(packageUrl: URL): Record<string, string> {
  const { dependencies } = JSON.parse(readFileSync(packageUrl, 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => {
      const manifest = new URL(`node_modules/${name}/package.json`, packageUrl);
      return [name, (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version];
    }),
  );
}
