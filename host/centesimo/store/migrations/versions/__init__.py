"""One module a step of the schema, numbered; a step that was released is never edited."""
