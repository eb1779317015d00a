-- script.lua: what the interpreter does with much of itself: closures, tables, strings, errors, coroutines, deep calls.
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
print(fib(22))

local t = {}
for i = 1, 2000 do t[i] = (i * 7919) % 1009 end
table.sort(t, function(a, b) return a > b end)
print(t[1], t[1000], t[2000], #t, select("#", table.unpack(t, 1, 200)))

local s = {}
for i = 1, 300 do s[#s + 1] = string.format("%d:%s:%7.3f:%q", i, ("x"):rep(i % 7), i / 3, "a\n" .. i) end
print(#table.concat(s, ","), table.concat(s, "", 1, 2))
print(string.gsub("hello world from lua", "(%w+)", "<%1>"), ("abc"):byte(1, -1))
print(string.find("key = value", "(%w+)%s*=%s*(%w+)"), ("%5s|%-5s|"):format("a", "b"))
print(string.pack("<i4d", 7, 2.5):byte(1, -1))

local function depth(n) return n == 0 and 0 or 1 + depth(n - 1) end
print(depth(15000))
print(select(2, pcall(error, { code = 1 })).code)
print(pcall(function() local x = nil; return x.y end))
print(select(2, pcall(function() local function r() return r() + 1 end return r() end)):match("stack overflow"))

local made = coroutine.wrap(function(a)
  for i = 1, 5 do a = a + coroutine.yield(a * i) end
  return "end"
end)
print(made(1), made(2), made(3), made(4), made(5), made(6))
print(pcall(string.rep, "x", -1), tostring(1e15), math.sin(1), 2 ^ 53, 7 // 2, -7 % 3, 1 << 40)

local meta = setmetatable({}, { __index = function(_, k) return k .. "!" end, __call = function(_, ...) return ... end })
print(meta.name, meta(1, 2, 3))
print(load("local a <const> = 5; return a * 2")())
collectgarbage()
print(#tostring(collectgarbage("count")) > 0, os.time({ year = 2000, month = 1, day = 1, hour = 12 }) > 0)
