"""centesimo: from the edges that a board logged at a rubber tube to a ranking that can be walked back to them."""
