-- string.lua: formats, patterns, concatenation, tables of pieces: little memory, many times.
local length, count = 0, 0
for _ = 1, 60 do
  local pieces = {}
  for i = 1, 2000 do
    local text = string.format("%05d:%s", i, ("x"):rep(i % 17))
    text = text:gsub("x+", function(run) return "<" .. #run .. ">" end)
    pieces[#pieces + 1] = text:upper():sub(1, 9) .. (text:find("<1%d>") or 0)
  end
  local all = table.concat(pieces, ",")
  length = length + #all
  for word in all:gmatch("[^,]+") do count = count + #word end
end
print(length, count)
