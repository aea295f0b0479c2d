"""The Realtime wire and the connection that carries it."""
