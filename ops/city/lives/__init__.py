"""One module a field of life; each states `KINDS` (`city.kinds`). How to write one: `ops/city/README.md`."""
