import type { RegistryEvent } from '@fraudops/registry';

/** What happened, in a few words. */
export function happeningOf({ type, payload }: RegistryEvent): string {
  const was = (version: number | null) => (version === null ? '' : `, was v${version}`);
  switch (type) {
    case 'registered':
      return `registered v${payload.version}`;
    case 'promoted':
      return `promoted v${payload.version} to ${payload.stage}${was(payload.incumbent)}`;
    case 'promotion-refused':
      return `refused v${payload.version} for ${payload.stage}`;
    case 'rolled-back':
      return `rolled back to v${payload.version}${was(payload.incumbent)}`;
    case 'aliased':
      return `${payload.alias} names v${payload.version}${was(payload.previous)}`;
    case 'alias-removed':
      return `removed alias ${payload.alias} of v${payload.version}`;
    case 'described': {
      const changed = [...('description' in payload ? ['description'] : []), ...Object.keys(payload.tags)];
      return `noted of ${payload.version === null ? 'the model' : `v${payload.version}`}: ${changed.join(', ')}`;
    }
    case 'approved':
      return `approved v${payload.version} for ${payload.stage}`;
    case 'approval-withdrawn':
      return `withdrew approval of v${payload.version} for ${payload.stage}`;
    case 'traffic-split': {
      const shares = [payload.champion, ...payload.challengers].map(({ version, percent }) => `v${version} ${percent} %`);
      return `split ${[...shares, ...payload.shadow.map((version) => `v${version} shadow`)].join(', ')}`;
    }
    default:
      return `deleted v${payload.version}`;
  }
}
