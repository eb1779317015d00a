-- pcall.lua: protected calls, every other of which fails.
local function odd(i)
  if i % 2 == 0 then error(i, 0) end
  return i
end
local sum = 0
for i = 1, 1500000 do
  local _, value = pcall(odd, i)
  sum = sum + value
end
print(sum)
