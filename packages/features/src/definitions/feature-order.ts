/** Features made of features: none may need itself, by whatever way around. */
import type { FeatureDefinition } from './feature-definition.js';
import { invalid } from './definition-rules.js';

/** @throws {FeatureError} INVALID_DEFINITION, naming the way around */
export function requireNoCycle(definitions: Readonly<Record<string, FeatureDefinition>>): void {
  const done = new Set<string>();
  for (const start of Object.keys(definitions)) {
    // Depth first, with the way from the start written down; a set may be a long chain, so this does not call itself.
    const way: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    while (way.length > 0) {
      const step = way.at(-1)!;
      const part = done.has(step.name) ? undefined : partsOf(definitions[step.name]!)[step.next++];
      if (part === undefined) {
        done.add(step.name);
        way.pop();
        continue;
      }
      const began = way.findIndex(({ name }) => name === part);
      if (began >= 0) {
        const circle = [...way.slice(began).map(({ name }) => name), part].join(' -> ');
        throw invalid(part, `is made of itself: ${circle}; break the circle`);
      }
      way.push({ name: part, next: 0 });
    }
  }
}

/** Names of the features that a definition is made of. */
export function partsOf(definition: FeatureDefinition): readonly string[] {
  return definition.type === 'ratio' || definition.type === 'difference' ? definition.of : [];
}
