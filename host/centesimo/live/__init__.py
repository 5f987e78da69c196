"""The event while it runs: what the public, the speaker and a screen see of one revision, and the server that shows it.

Values first: `standing` says where each crew is on its road, `race` makes of an outcome what is shown of a race, `rows`
and `pages` make HTML of that in parts that are named by their digest. `feed` follows the store, `server` serves what
`pages` has, `folder` writes the same files for any other web server. docs/live.md tells the idea and the figures.
"""
