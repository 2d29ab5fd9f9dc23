"""Matching, diff, refusals: from specs and live pools to a plan.  Pure."""
