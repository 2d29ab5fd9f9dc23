"""YAML and JSON text, and one tree of it with places: bounded, read and edited.  Pure."""
