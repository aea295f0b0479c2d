"""What hands and eyes meet: the button and the ring."""
