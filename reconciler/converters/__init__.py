"""Specs from what other tools keep, and back.  Pure: text in, text out."""
