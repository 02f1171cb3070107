/** The script that reads states. MGET would give nil for a list or a hash, and a card would begin anew. */
import { createHash } from 'node:crypto';

/** KEYS: the keys. Returns the values, false (a nil reply) where there is none. A key of another type is an error, as of GET. */
export const GET_SCRIPT = `
local values = {}
for i, key in ipairs(KEYS) do
  local value = redis.pcall('GET', key)
  if type(value) == 'table' and value.err then
    return redis.error_reply(value.err .. ' at ' .. key)
  end
  values[i] = value
end
return values
`;

/** The name by which Redis knows the script once it has seen it. */
export const GET_SCRIPT_SHA1 = createHash('sha1').update(GET_SCRIPT).digest('hex');
