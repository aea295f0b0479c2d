"""What the device says by itself, in Spanish and English."""
