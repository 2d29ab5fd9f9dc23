"""Matching, diff, refusals: from specs and live pools to a plan.  Pure."""

from reconciler.planner.planning import plan_target, wants

__all__ = ["plan_target", "wants"]
