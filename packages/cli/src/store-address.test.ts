import { describe, expect, it } from 'vitest';
import { UsageError } from './command.js';
import { parseStoreAddress, shownStore } from './store-address.js';

describe('parseStoreAddress', () => {
  it('takes what has no scheme for a folder', () => {
    for (const directory of ['.fraudops', '/var/lib/fraudops', 'a b', '../x', 'C:\\models', 'models:2024'])
      expect(parseStoreAddress(directory)).toEqual({ kind: 'folder', directory });
  });

  it('knows buckets with all that may be said of them', () => {
    expect(parseStoreAddress('s3://models')).toEqual({ kind: 's3', options: { bucket: 'models' } });
    expect(parseStoreAddress('s3://models/')).toEqual({ kind: 's3', options: { bucket: 'models' } });
    expect(parseStoreAddress('S3://models/team/a/?region=eu-central-1&endpoint=http://localhost:9000')).toEqual({
      kind: 's3',
      options: { bucket: 'models', prefix: 'team/a', region: 'eu-central-1', endpoint: 'http://localhost:9000' },
    });
    expect(parseStoreAddress('s3://m.x/p?serverSideEncryption=aws:kms&kmsKeyId=alias/models')).toEqual({
      kind: 's3',
      options: { bucket: 'm.x', prefix: 'p', serverSideEncryption: 'aws:kms', kmsKeyId: 'alias/models' },
    });
  });

  it('hands databases to the client, all but the schema', () => {
    for (const scheme of ['postgres', 'postgresql'])
      expect(parseStoreAddress(`${scheme}://ana:p%40ss@db:5433/fraud?sslmode=require&schema=models`)).toEqual({
        kind: 'postgres',
        url: `${scheme}://ana:p%40ss@db:5433/fraud?sslmode=require`,
        schema: 'models',
      });
    for (const url of ['postgres://db/fraud', 'postgres:///fraud?host=/run/postgresql'])
      expect(parseStoreAddress(url)).toEqual({ kind: 'postgres', url });
  });

  it('refuses what is neither, and shows no password', () => {
    const bad: readonly (readonly [string, string])[] = [
      ['gs://models', 'an address of "gs", expected a folder, s3://bucket/prefix'],
      ['https://u:hunter2@models', 'an address of "https"'],
      ['s3:', 'no address of the form s3://bucket/prefix'],
      ['s3:/models', 'no address of the form s3://'],
      ['s3:///prefix', 'no address of the form s3://'],
      ['s3://models/%zz', 'no address of the form s3://'],
      ['s3://AKIA:hunter2@models/p', 'has no user, password or port'],
      ['s3://models?regoin=eu', '"regoin" is nothing an address of S3 knows; it knows region, endpoint'],
      ['postgres://ana:hunter2@', 'no address of the form postgres://'],
      ['postgres://ana:hunter2#@:x/y', 'no address of the form postgres://'],
      ['postgres:hunter2', 'no address of the form postgres://'],
    ];
    for (const [text, problem] of bad) {
      const parse = () => parseStoreAddress(text);
      expect(parse, text).toThrow(UsageError);
      expect(parse, text).toThrow(expect.objectContaining({ message: expect.stringContaining(problem) }));
      expect(parse, text).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
    }
  });
});

describe('shownStore', () => {
  it('leaves out what may be secret', () => {
    expect(shownStore('.fraudops')).toBe('.fraudops');
    expect(shownStore('s3://models/a?region=eu-central-1')).toBe('s3://models/a');
    expect(shownStore('postgres://ana:hunter2@db:5433/fraud?password=hunter2')).toBe('postgres://db:5433/fraud');
  });
});
