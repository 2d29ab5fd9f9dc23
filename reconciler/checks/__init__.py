"""Who gets which role of a pool, and what is doubtful about that: pure."""
