"""What we are doing: facts in, orders out."""
