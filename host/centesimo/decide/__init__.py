"""What a decision would change: asked before it is stored, on top of the whole computation."""
