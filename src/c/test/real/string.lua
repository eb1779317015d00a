-- string.lua: formats, patterns, concatenation, tables of pieces.
local pieces = {}
for i = 1, 150000 do
  local text = string.format("%05d:%s", i, ("x"):rep(i % 17))
  text = text:gsub("x+", function(run) return "<" .. #run .. ">" end)
  pieces[#pieces + 1] = text:upper():sub(1, 9) .. (text:find("<1%d>") or 0)
end
local all = table.concat(pieces, ",")
local count = 0
for word in all:gmatch("[^,]+") do count = count + #word end
print(#all, count)
