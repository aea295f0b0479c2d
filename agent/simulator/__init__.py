"""The agent without hardware: devices made of memory and files, lessons, timelines."""
