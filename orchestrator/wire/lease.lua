-- Take, keep or give back the right to publish to one target.
--
-- KEYS[1]  <prefix>lease:<target>  "<token> <holder>", lives as long as the lease
-- KEYS[2]  <prefix>token:<target>  "<token> <holder>", the newest placement that ever asked;
--                                  lives a week, so that dead targets don't stay for ever
-- ARGV     take     <token> <holder> <lease ms> <token ms>
--          release  <token> <holder>
--
-- take answers {answer, holder, token, remaining ms}, answer being granted, held or stale:
--   stale    a newer placement has asked, or this one's token was first used by another holder
--   held     another placement's lease lives, perhaps in the same process, and two runs in one
--            process are two publishers as well; the newer token is remembered, so that the older
--            run finds itself stale at its next renewal, stops, and gives back
--   granted  the lease is this holder's, new or renewed; a lease that lapsed, or that Redis forgot,
--            is simply taken again by whoever still has the newest token
-- release answers 1 if the lease was this holder's, else 0.
--
-- Tokens are compared as numbers: exact up to 2^53.

local op, token, holder = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local function read(key)
  local value = redis.call('GET', key)
  if not value then return nil, nil end
  local number, name = string.match(value, '^(%d+) (.*)$')
  return tonumber(number), name
end

local held_token, held_by = read(KEYS[1])
local mine = held_by == holder and held_token == token

if op == 'release' then
  if mine then redis.call('DEL', KEYS[1]) end
  return mine and 1 or 0
end

local newest, newest_by = read(KEYS[2])
if newest and (token < newest or (token == newest and newest_by ~= holder)) then
  return {'stale', newest_by, newest, 0}
end

local value = ARGV[2] .. ' ' .. holder
redis.call('SET', KEYS[2], value, 'PX', ARGV[5])
if held_by and not mine then
  return {'held', held_by, held_token, redis.call('PTTL', KEYS[1])}
end
redis.call('SET', KEYS[1], value, 'PX', ARGV[4])
return {'granted', holder, token, tonumber(ARGV[4])}
