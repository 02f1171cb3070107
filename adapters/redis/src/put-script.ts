/**
 * What Redis keeps of a state, and the script that writes states.
 *
 * A state is one string: a line of text, then the bytes. The line is `1 VERSION MARK MARK ...`, where 1 is this format and the marks
 * are the beginnings of the SHA-1 sums of the versions before, the latest first. So a script looks at a few hundred bytes of a state,
 * whatever its size.
 */
import { createHash } from 'node:crypto';
import { ENTITY_STATE_LIMITS } from '@fraudops/features';

/** A space and 12 hexadecimal digits: two versions have the same mark once in 2^48 pairs. */
const MARK_LENGTH = 13;
const MARKS_LENGTH = MARK_LENGTH * ENTITY_STATE_LIMITS.rememberedVersions;
/** `1 `, a version, marks and the end of the line. */
const LINE_LENGTH = 2 + ENTITY_STATE_LIMITS.versionLength + MARKS_LENGTH + 1;

/**
 * KEYS: the keys. ARGV, for each key: the version it must have (empty: it must not exist), the new version, its time to live in
 * milliseconds, its bytes. Returns 1 when all were written now or before, else 0. It reads everything before it writes anything.
 */
export const PUT_SCRIPT = `
local function mark(version)
  return ' ' .. string.sub(redis.sha1hex(version), 1, ${MARK_LENGTH - 1})
end

local marks = {}
local is_unchanged = true
for i, key in ipairs(KEYS) do
  local expected, version = ARGV[4 * i - 3], ARGV[4 * i - 2]
  local line = redis.call('GETRANGE', key, 0, ${LINE_LENGTH - 1})
  local present, earlier = '', ''
  if line ~= '' then
    present, earlier = string.match(line, '^1 ([%w_-]+)([ %x]*)\\n')
    if not present then
      return redis.error_reply('FOREIGN value at ' .. key)
    end
    marks[i] = string.sub(mark(present) .. earlier, 1, ${MARKS_LENGTH})
  end
  if present == version or string.find(earlier, mark(version), 1, true) then
    return 1
  end
  is_unchanged = is_unchanged and present == expected
end
if not is_unchanged then
  return 0
end
for i, key in ipairs(KEYS) do
  local line = '1 ' .. ARGV[4 * i - 2] .. (marks[i] or '') .. '\\n'
  redis.call('SET', key, line .. ARGV[4 * i], 'PX', ARGV[4 * i - 1])
end
return 1
`;

/** The name by which Redis knows the script once it has seen it. */
export const PUT_SCRIPT_SHA1 = createHash('sha1').update(PUT_SCRIPT).digest('hex');

/** Version and bytes of a kept string, both its own copies; undefined when it is no state. */
export function parseKeptState(kept: Buffer): { version: string; bytes: Uint8Array } | undefined {
  const lineEnd = kept.subarray(0, LINE_LENGTH).indexOf('\n');
  const version = /^1 ([\w-]+)[ \da-f]*$/.exec(kept.toString('latin1', 0, Math.max(0, lineEnd)))?.[1];
  return version === undefined ? undefined : { version, bytes: Uint8Array.from(kept.subarray(lineEnd + 1)) };
}
