-- sort.lua: table.sort with and without a comparison in lua.
local seed, numbers = 42, {}
local function random()
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed
end
for i = 1, 150000 do numbers[i] = random() end
table.sort(numbers)
table.sort(numbers, function(a, b) return a % 1000 < b % 1000 end)
print(numbers[1] % 1000, numbers[#numbers] % 1000)
