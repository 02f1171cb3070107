/** The little XML that S3 speaks. */

/** A document: names with texts, lists of further members, or members below. */
export interface XmlMembers {
  readonly [name: string]: string | number | boolean | XmlMembers | readonly XmlMembers[];
}

/** Writes a document. */
export function xmlDocument(name: string, members: XmlMembers): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${xmlOf(members)}</${name}>`;
}

function xmlOf(members: XmlMembers): string {
  const element = (name: string, value: XmlMembers | string | number | boolean) =>
    `<${name}>${typeof value === 'object' ? xmlOf(value) : escapeXml(String(value))}</${name}>`;
  return Object.entries(members)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((each: XmlMembers) => element(name, each)) : element(name, value as string),
    )
    .join('');
}

/** The texts of all elements of a name, in their order; of flat documents such as the list of an upload's parts. */
export function xmlTexts(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text]) => unescapeXml(text!));
}

const ENTITIES: readonly (readonly [string, string])[] = [
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
];

function escapeXml(text: string): string {
  return ENTITIES.reduce((escaped, [character, entity]) => escaped.replaceAll(character, entity), text);
}

function unescapeXml(text: string): string {
  return ENTITIES.toReversed().reduce((plain, [character, entity]) => plain.replaceAll(entity, character), text);
}
