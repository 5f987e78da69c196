"""What people wrote against what was seen: decisions and lists that the passages contradict."""
