"""How the corner is doing: its turns in numbers, the board under it, one score with its reasons. Never content."""
