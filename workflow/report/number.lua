-- Numbers figures and tables in the order of the text and sets the number before the caption (Typst numbers them itself), names them by their number where a link points at one,
-- and adds to each figure the table of what it shows. The page gets pictures that wait until they are seen and tables that scroll by themselves; Word gets pictures that it can show
-- and small letters in tables. A picture of the class thumb is shown in small and links to the figure.
local html = FORMAT:match("^html") ~= nil
local counts, numbers = { fig = 0, tbl = 0 }, {}
local words = { fig = "Figure", tbl = "Table" }

local function label(el)
  local kind = el.identifier:match("^(%a+):")
  if not words[kind] then return end
  counts[kind] = counts[kind] + 1
  numbers["#" .. el.identifier] = words[kind] .. "\u{a0}" .. counts[kind]
end

local function mark(el)
  local first, text = el.caption.long[1], numbers["#" .. el.identifier]
  if not (text and first and first.content) then return end
  if FORMAT ~= "typst" then
    first.content:insert(1, pandoc.Space())
    first.content:insert(1, pandoc.Strong(text .. "."))
  end
  if el.identifier:match("^fig:") then
    el:walk({ Image = function(image) -- the table stands beside the picture, under the same name
      first.content:extend({ pandoc.Space(), pandoc.Link({ pandoc.Str("Numbers") }, "../" .. image.src:gsub("%.svg$", ".csv")), pandoc.Str(".") })
    end })
  end
end

local function figure(el)
  mark(el)
  return el:walk({ Image = function(image)
    if FORMAT == "docx" then
      image.src = image.src:gsub("%.svg$", ".png")
      if image.classes:includes("tall") then image.attributes.height = "8.5in" end
    end
    if html then
      image.attributes.width = nil
      if el.identifier:match("^fig:spec_") then image.src = image.src:gsub("%.svg$", ".png") end -- hundreds of points: the bitmap is a tenth of the drawing
      image.attributes.decoding = "async"
      image.attributes.loading = counts.shown and "lazy" or nil
      counts.shown = true
    end
    return image
  end })
end

-- Pairs in a list: the order of a table with names differs from run to run.
local function scrolling(el, title)
  return pandoc.Div({ el }, pandoc.Attr("", { "scroll" }, { { "role", "group" }, { "tabindex", "0" }, { "aria-label", title } }))
end

local function tables(el)
  mark(el)
  if FORMAT == "docx" then -- cells in a style of their own, smaller than the text
    return el:walk({ Plain = function(cell) return pandoc.Div({ pandoc.Para(cell.content) }, pandoc.Attr("", {}, { { "custom-style", "Table Text" } })) end })
  end
  if not html then return el end
  local title = pandoc.utils.stringify(el.caption.long)
  return scrolling(el, title ~= "" and title or "Table")
end

-- A link to a figure reads as its number, unless it shows the figure in small.
local function link(el)
  local shown = false
  el:walk({ Image = function() shown = true end })
  if numbers[el.target] and not shown then el.content = { pandoc.Str(numbers[el.target]) } end
  return el
end

local function small(image)
  if not image.classes:includes("thumb") then return end
  if html then
    image.src = image.src:gsub("^figures/(.*)%.svg$", "thumbs/%1.png")
    image.attributes.decoding, image.attributes.loading = "async", "lazy"
  else
    image.attributes[image.classes:includes("tall") and "height" or "width"] = "9cm"
    if FORMAT == "docx" then image.src = image.src:gsub("%.svg$", ".png") end
  end
  return image
end

-- A formula that is wider than a phone scrolls by itself.
local function formula(el)
  if html and #el.content == 1 and el.content[1].t == "Math" and el.content[1].mathtype == "DisplayMath" then
    return scrolling(el, "Formula")
  end
end

-- What a reader opens when it is wanted: closed on the page, printed in the others.
local function folded(el)
  if not (html and el.classes:includes("folded")) then return el end
  local parts = pandoc.List({ pandoc.RawBlock("html", "<details><summary>" .. el.attributes.summary .. "</summary>") })
  parts:extend(el.content)
  parts:insert(pandoc.RawBlock("html", "</details>"))
  return parts
end

return { { traverse = "topdown", Figure = label, Table = label }, { Link = link }, { Image = small }, { Figure = figure, Table = tables, Para = formula }, { Div = folded } }
