"""The catalogue: pages for people made from the published file, as a folder of files or served on loopback.

It reads what `products` hands out and decides nothing of its own. `pages` lists what there is, `build` writes it into
a folder, `server` answers with the same bytes.
"""
