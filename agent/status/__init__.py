"""What the running agent is doing, over a socket that only its own group may open."""
