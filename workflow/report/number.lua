-- Numbers figures and tables in the order of the text and sets the number before the caption; Typst numbers them itself. Word gets pictures that it can show.
local counts = { fig = 0, tbl = 0 }
local words = { fig = "Figure", tbl = "Table" }

local function label(id)
  local kind = id:match("^(%a+):")
  if not words[kind] then return nil end
  counts[kind] = counts[kind] + 1
  return words[kind] .. "\u{a0}" .. counts[kind]
end

local function mark(caption, text)
  local first = caption.long[1]
  if first and first.content and FORMAT ~= "typst" then
    first.content:insert(1, pandoc.Space())
    first.content:insert(1, pandoc.Strong(text .. "."))
  end
  return caption
end

local function figure(el)
  local text = label(el.identifier)
  if text then el.caption = mark(el.caption, text) end
  return el:walk({ Image = function(image)
    if FORMAT == "docx" then image.src = image.src:gsub("%.svg$", ".png") end
    return image
  end })
end

local function tables(el)
  local text = label(el.identifier)
  if text then el.caption = mark(el.caption, text) end
  return el
end

return { { Figure = figure, Table = tables } }
