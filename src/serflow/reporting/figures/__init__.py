"""One kind of figure a module: `draw(spec)` gives figure and numbers, `caption(spec, data)` the text."""
