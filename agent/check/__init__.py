"""Whether a corner can teach, and what to do if not: what IT asks before leaving the room."""
