"""The pool's fields, once; documents, project, changes, actions, plan, receipt.

Plain frozen data.  This room imports none of the others.
"""
