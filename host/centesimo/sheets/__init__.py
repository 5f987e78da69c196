"""Spreadsheets as people send them: any usual file becomes grids of text, then the event's own plain files."""
