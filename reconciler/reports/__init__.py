"""Plan, receipt, findings and errors as text for people and JSON for programs.

Pure: data in, ``rich.text.Text`` or ``str`` out.  Whoever prints decides on colour, and prints a
``Text`` with ``soft_wrap=True``, so that long ARNs stay whole.

Reports are imported from their modules: one here would cost every command all the others.
"""
