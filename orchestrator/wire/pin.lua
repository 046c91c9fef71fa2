-- Pin up what the coordinator wants, but never over something newer.
--
-- KEYS     for each want:  <prefix>want:<stream> or <prefix>next:<stream>, then <prefix>spec:<stream>
-- ARGV     for each want:  <token> <1 if wanted, else 0> <the want> <the spec, or an empty string>
--
-- A want is passed over when the one that hangs there has a newer token, or the same token and says
-- already that nothing is wanted: a run that was told to end isn't wanted again. So a leader that
-- was frozen, and doesn't know yet that its term is over, can't bring back what was. A spec goes
-- up with its want, or not at all. Answers how many wants were passed over.

local function outdated(hanging, token, wanted)
  local known, want = pcall(cjson.decode, hanging)
  if not known or type(want) ~= 'table' or type(want.token) ~= 'number' then return false end
  if want.token > token then return true end
  return want.token == token and wanted == '1' and want.wanted == false
end

local passed_over = 0
for at = 1, #KEYS / 2 do
  local want_key, spec_key = KEYS[at * 2 - 1], KEYS[at * 2]
  local token, wanted, want, spec = unpack(ARGV, at * 4 - 3, at * 4)
  local hanging = redis.call('GET', want_key)
  if hanging and outdated(hanging, tonumber(token), wanted) then
    passed_over = passed_over + 1
  else
    if spec ~= '' then redis.call('SET', spec_key, spec) end
    redis.call('SET', want_key, want)
  end
end
return passed_over
