"""From a board's records to passages: edges with UTC, and the cars that made them."""
