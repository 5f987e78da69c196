"""Days of an event whose truth is known: how crews come, what goes wrong, what people write down."""
