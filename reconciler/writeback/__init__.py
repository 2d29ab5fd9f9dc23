"""YAML text in, YAML text out: tidy specs, and edits that leave alone what they are not about.

Imported from their modules: ``fmt`` needs nothing of what ``pull`` needs.
"""
