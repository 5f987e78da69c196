"""Speed and size as figures: what design asks for beside what was measured; nothing here passes or fails."""
