"""The export formats: one file a format, found by being here."""
