"""YAML text -> positions -> schema -> documents; every error with its place and its fix.

A module of this room is imported when something of it is asked for: ``validate`` needs neither
receipts nor saved plans, nor the models of what is in them.
"""
